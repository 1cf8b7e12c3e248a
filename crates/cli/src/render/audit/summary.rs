//! The first page: grades, what to do first, and how to see the rest.

use super::{Pen, WIDTH, command, short, style_of, style_of_letter, wrapped};
use crate::terminal::{Style, escape, shorten};
use audit::ranking::{Action, Grade};
use audit::report::{AccountSummary, Summary};

/// How many things to do are shown.
const FIRST: usize = 10;
/// How many accounts are listed.
const ACCOUNTS: usize = 40;
/// How many notes and exceptions are listed.
const NOTES: usize = 8;
/// Where the second column of the grades begins.
const TITLE: usize = 26;

pub(super) fn summary(summary: &Summary, pen: Pen) -> String {
    let mut text = head(summary, pen);
    text.push_str(&grades(&summary.grades, pen));
    if summary.accounts.len() > 1 {
        text.push_str(&accounts(&summary.accounts, pen));
    }
    text.push_str(&actions(summary, pen));
    text.push_str(&progress(summary, pen));
    text.push_str(&exceptions(summary, pen));
    text.push_str(&notes(summary, pen));
    text.push_str(&rest(summary, pen));
    text
}

fn head(summary: &Summary, pen: Pen) -> String {
    let day = summary.generated.get(..10).unwrap_or_default();
    let what = match summary.accounts.as_slice() {
        [] => "No account".to_owned(),
        [one] => match &one.name {
            Some(name) => format!("Account {} ({})", one.account, escape(name)),
            None => format!("Account {}", one.account),
        },
        many => format!("{} accounts", many.len()),
    };
    let right = format!("as of {day}");
    let gap = WIDTH.saturating_sub(what.chars().count() + right.len()).max(2);
    format!("{}{}{}\n\n", pen.heading(&what), " ".repeat(gap), pen.paint(Style::Dim, &right))
}

fn grades(grades: &[Grade], pen: Pen) -> String {
    let mut text = format!("{}\n", pen.heading(&format!("{:TITLE$}GRADE  WHY", "AREA")));
    for grade in grades {
        let letter = pen.paint(style_of_letter(grade.grade), grade.grade.as_str());
        let lines = wrapped(&" ".repeat(TITLE + 7), TITLE + 7, &grade.because);
        let because = lines.get(TITLE + 7..).unwrap_or_default();
        text.push_str(&format!("{:TITLE$}  {letter}    {because}", grade.title));
    }
    text
}

fn accounts(accounts: &[AccountSummary], pen: Pen) -> String {
    let mut text = format!(
        "\n{}\n",
        pen.heading(&format!("{:14}{:24}GRADE   CRIT   HIGH    MED    LOW", "ACCOUNT", "NAME"))
    );
    let mut sorted: Vec<&AccountSummary> = accounts.iter().collect();
    sorted.sort_by(|a, b| b.counts.failed.cmp(&a.counts.failed).then(a.account.cmp(&b.account)));
    for account in sorted.iter().take(ACCOUNTS) {
        let name = escape(account.name.as_deref().unwrap_or(""));
        let name = shorten(&name, 22);
        let letter = pen.paint(style_of_letter(account.grade), account.grade.as_str());
        let [critical, high, medium, low, _] = account.counts.failed;
        text.push_str(&format!(
            "{:14}{name:24}  {letter}  {critical:>6} {high:>6} {medium:>6} {low:>6}\n",
            account.account.as_str()
        ));
    }
    if accounts.len() > ACCOUNTS {
        text.push_str(&format!("and {} more; the JSON report has all\n", accounts.len() - ACCOUNTS));
    }
    text
}

fn actions(summary: &Summary, pen: Pen) -> String {
    if summary.actions.is_empty() {
        return format!("\n{}\n", pen.paint(Style::Green, "Nothing to do."));
    }
    let shown = summary.actions.len().min(FIRST);
    let heading = match summary.all_actions {
        1 => "To do".to_owned(),
        all if all <= FIRST => format!("The {all} things to do"),
        all => format!("The {shown} things to do first, of {all}"),
    };
    let mut text = format!("\n{}\n", pen.heading(&heading));
    for (place, action) in summary.actions.iter().take(FIRST).enumerate() {
        text.push_str(&one(place + 1, action, pen));
    }
    text
}

fn one(place: usize, action: &Action, pen: Pen) -> String {
    const INDENT: usize = 4;
    let what = capital(&action.action);
    let mark = format!("{}, risk {}", action.severity.as_str(), action.risk);
    let lines = wrapped(&format!("{place:>2}. "), INDENT, &format!("{what} [{mark}]"));
    let style = style_of(action.severity);
    let mut text = match lines.find('[') {
        Some(_) if !pen.colours => lines,
        _ => lines.replace(action.severity.as_str(), &pen.paint(style, action.severity.as_str())),
    };
    let findings = match action.findings {
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    };
    let reaches =
        if action.reaches.is_empty() { String::new() } else { format!("; reaches {}", action.reaches) };
    let indent = " ".repeat(INDENT);
    text.push_str(&wrapped(
        &indent,
        INDENT,
        &format!("ends {findings} about {}{reaches}", action.radius_in_words()),
    ));
    if action.targets.len() > 1 {
        let named: Vec<String> =
            action.targets.iter().take(3).map(|arn| shorten(&short(arn), 40).into_owned()).collect();
        let more = action.targets.len().max(action.findings).saturating_sub(named.len());
        let more = if more > 0 { ", …" } else { "" };
        text.push_str(&wrapped(&indent, INDENT, &format!("{}{more}", named.join(", "))));
    }
    let mut commands = action.commands.iter().filter(|line| !line.trim_start().starts_with('#'));
    match commands.next() {
        Some(first) => {
            // What a command says of itself is told where it is shown in full.
            let first = first.split("  #").next().unwrap_or_default();
            text.push_str(&command(&format!("{indent}$ "), INDENT + 2, first));
            let more = commands.count();
            if more > 0 {
                let line = format!("{indent}and {more} more: --show {}", action.worst);
                text.push_str(&format!("{}\n", pen.paint(Style::Dim, &line)));
            }
        }
        None => text.push_str(&wrapped(&indent, INDENT, &action.summary)),
    }
    text
}

fn progress(summary: &Summary, pen: Pen) -> String {
    let Some(progress) = &summary.baseline else { return String::new() };
    let mut text = format!(
        "\n{} {} new, {} fixed, {} unchanged",
        pen.heading("Beside the older audit:"),
        progress.new,
        progress.fixed.len(),
        progress.unchanged
    );
    if !progress.unknown.is_empty() {
        text.push_str(&format!(", {} not judged now", progress.unknown.len()));
    }
    text.push('\n');
    for gone in progress.fixed.iter().take(NOTES) {
        text.push_str(&wrapped(
            "  fixed: ",
            4,
            &format!("{} {}: {}", gone.check, short(&gone.resource), gone.message),
        ));
    }
    text
}

fn exceptions(summary: &Summary, pen: Pen) -> String {
    let Some(told) = &summary.exceptions else { return String::new() };
    let mut text = String::new();
    for it in &told.expired {
        let line = format!(
            "line {}: {}: until {}, owner {}: {}",
            it.line, it.covers, it.expires, it.owner, it.reason
        );
        text.push_str(&format!("\n{} ", pen.paint(Style::Alarm, "EXCEPTION OVER")));
        text.push_str(&wrapped("", 4, &line));
    }
    for it in told.unused.iter().take(NOTES) {
        text.push_str(&format!("\n{} ", pen.paint(Style::Yellow, "exception without a finding")));
        text.push_str(&wrapped("", 4, &format!("line {}: {}", it.line, it.covers)));
    }
    text
}

fn notes(summary: &Summary, pen: Pen) -> String {
    if summary.notes.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", pen.heading("To know"));
    for note in summary.notes.iter().take(NOTES) {
        text.push_str(&wrapped("  - ", 4, note));
    }
    if summary.notes.len() > NOTES {
        text.push_str(&format!("  and {} more in the JSON report\n", summary.notes.len() - NOTES));
    }
    text
}

fn rest(summary: &Summary, pen: Pen) -> String {
    let counts = &summary.counts;
    let all = counts.all_failed();
    let mut line = format!("{all} findings");
    if counts.excepted > 0 {
        line.push_str(&format!(", {} excepted", counts.excepted));
    }
    if counts.not_assessable > 0 {
        line.push_str(&format!(", {} not assessable for want of input", counts.not_assessable));
    }
    if counts.errors > 0 {
        line.push_str(&format!(", {} with errors", counts.errors));
    }
    let mut text = format!("\n{line}. To see the rest:\n");
    for (option, what) in [
        ("--show all", "every finding"),
        ("--show CHECK", "the findings of a check, and how it is judged"),
        ("--show FINGERPRINT", "one finding with evidence, risk and fix"),
        ("--format html --out FILE", "a page to read and hand on"),
    ] {
        text.push_str(&format!("  {option:<26}{}\n", pen.paint(Style::Dim, what)));
    }
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
