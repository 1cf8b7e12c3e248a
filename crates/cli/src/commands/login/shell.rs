//! Variables and functions in the words of several shells.

use clap::ValueEnum;

/// A shell that reads our lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// sh, bash, zsh, ksh, dash
    #[value(alias = "bash", alias = "zsh", alias = "ksh", alias = "dash")]
    Sh,
    /// fish
    Fish,
    /// PowerShell
    #[value(alias = "pwsh")]
    Powershell,
    /// Windows' command prompt
    Cmd,
}

impl Shell {
    /// A line that sets a variable for this shell and what it starts.
    pub(crate) fn set(self, name: &str, value: &str) -> String {
        match self {
            Shell::Sh => format!("export {name}={};\n", single_quoted(value, "'\\''")),
            Shell::Fish => format!("set -gx {name} {};\n", fish_quoted(value)),
            Shell::Powershell => format!("$Env:{name} = {}\n", single_quoted(value, "''")),
            Shell::Cmd => format!("set \"{name}={}\"\n", cmd_escaped(value)),
        }
    }

    /// A line that makes `aws` name the endpoint in every call.
    pub(crate) fn wrap_aws(self) -> String {
        let line = match self {
            Shell::Sh => "aws() { command aws --endpoint-url \"$AWS_ENDPOINT_URL\" \"$@\"; };",
            Shell::Fish => "function aws; command aws --endpoint-url \"$AWS_ENDPOINT_URL\" $argv; end;",
            Shell::Powershell => {
                "function aws { & (Get-Command aws -CommandType Application | Select-Object -First 1) \
                 --endpoint-url $Env:AWS_ENDPOINT_URL @args }"
            }
            Shell::Cmd => "doskey aws=aws.exe --endpoint-url %AWS_ENDPOINT_URL% $*",
        };
        format!("{line}\n")
    }

    /// A line that the shell passes over.
    pub(crate) fn comment(self, text: &str) -> String {
        let text = crate::terminal::escape(text);
        match self {
            Shell::Cmd => format!("rem {text}\n"),
            Shell::Sh | Shell::Fish | Shell::Powershell => format!("# {text}\n"),
        }
    }
}

/// In single quotes, where nothing has a meaning but the quote itself.
fn single_quoted(value: &str, quote: &str) -> String {
    format!("'{}'", value.replace('\'', quote))
}

/// In fish, a backslash has a meaning within single quotes, too.
fn fish_quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The command prompt expands `%` even within quotes, and a quote would end them.
fn cmd_escaped(value: &str) -> String {
    value.replace('%', "%%").replace('"', "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const AWKWARD: &str = "a'b\"c$(touch x)`id`\\n; echo %PATH% !x ~ * # end";

    #[test]
    fn a_shell_takes_awkward_text_as_it_is() {
        let script = format!("{}printf %s \"$SECRET\"", Shell::Sh.set("SECRET", AWKWARD));
        let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), AWKWARD);
    }

    #[test]
    fn every_shell_has_its_quotes() {
        assert_eq!(Shell::Sh.set("A", "x'y"), "export A='x'\\''y';\n");
        assert_eq!(Shell::Fish.set("A", "x'\\y"), "set -gx A 'x\\'\\\\y';\n");
        assert_eq!(Shell::Powershell.set("A", "x'y$z"), "$Env:A = 'x''y$z'\n");
        assert_eq!(Shell::Cmd.set("A", "x%y\"z"), "set \"A=x%%yz\"\n");
    }

    #[test]
    fn a_comment_stays_one_line() {
        assert_eq!(Shell::Sh.comment("a\nrm -rf x"), "# a\\nrm -rf x\n");
    }

    #[test]
    fn the_wrapper_names_the_endpoint() {
        let script = format!(
            "command() {{ shift; printf '%s|' \"$@\"; }}; AWS_ENDPOINT_URL='http://h:1'; {}aws iam get-user --user-name 'a b'",
            Shell::Sh.wrap_aws()
        );
        let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "--endpoint-url|http://h:1|iam|get-user|--user-name|a b|"
        );
    }
}
