//! Terraform with the AWS provider: what it applies it finds again, changes, and takes away.

use crate::clients::{PROGRAM, Ran, command, files, wanted};
use std::path::PathBuf;
use testkit::Server;

struct Terraform {
    server: Server,
    program: PathBuf,
    folder: PathBuf,
}

impl Terraform {
    fn new() -> Option<Self> {
        let terraform = wanted(testkit::clients::terraform(), "Terraform with the AWS provider")?;
        let server = testkit::server(PROGRAM).dev().start();
        let folder = server.folder().join("terraform");
        std::fs::create_dir(&folder).unwrap();
        std::fs::copy(files().join("terraform/main.tf"), folder.join("main.tf")).unwrap();
        let settings = format!(
            "disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{\n    path = {:?}\n  }}\n  \
             direct {{\n    exclude = [\"*/*/*\"]\n  }}\n}}\n",
            terraform.mirror
        );
        std::fs::write(folder.join("settings.tfrc"), settings).unwrap();
        Some(Self { server, program: terraform.program, folder })
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = command(&self.program, &self.server);
        command.current_dir(&self.folder).envs(self.server.variables()).args(arguments);
        command.env("TF_CLI_CONFIG_FILE", self.folder.join("settings.tfrc")).env("TF_IN_AUTOMATION", "1");
        command.env("TF_VAR_endpoint", self.server.endpoint());
        Ran::of(&mut command)
    }

    fn apply(&self, round: &str) -> String {
        let round = format!("-var=round={round}");
        self.run(&["apply", "-auto-approve", "-input=false", "-no-color", &round]).good()
    }

    /// Makes sure that Terraform sees nothing to do.
    fn no_drift(&self, round: &str) {
        let round = format!("-var=round={round}");
        let ran = self.run(&["plan", "-detailed-exitcode", "-input=false", "-no-color", &round]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    }

    /// Calls that were not built, as the trail has them.
    fn unbuilt(&self) -> String {
        let mut trail = self.server.command(&["trail", "--error", "NotImplemented", "--limit", "500"]);
        Ran::of(&mut trail).good()
    }
}

#[test]
fn a_configuration_is_applied_found_again_changed_and_destroyed() {
    let Some(terraform) = Terraform::new() else { return };
    terraform.run(&["init", "-input=false", "-no-color"]).good();
    let said = terraform.apply("one");
    assert!(said.contains("18 added, 0 changed, 0 destroyed"), "{said}");
    terraform.no_drift("one");
    let outputs: serde_json::Value =
        serde_json::from_str(&terraform.run(&["output", "-json", "-no-color"]).good()).unwrap();
    assert_eq!(outputs["account"]["value"], terraform.server.account_id());
    assert_eq!(outputs["alias"]["value"], "tf-bailiwick");
    assert_eq!(outputs["members"]["value"], serde_json::json!(["ann", "bob"]));
    assert_eq!(outputs["key"]["value"]["secret"].as_str().unwrap().len(), 40);
    let said = terraform.apply("two");
    assert!(said.contains("3 added, 8 changed, 3 destroyed"), "{said}");
    // Before it destroys, Terraform looks whether what it changed is still so. Each command costs seconds in which
    // the provider starts, so this stands for another plan.
    let said = terraform.run(&["destroy", "-auto-approve", "-input=false", "-json", "-var=round=two"]).good();
    assert!(!said.contains("resource_drift"), "{said}");
    assert!(said.contains("Destroy complete! Resources: 18 destroyed."), "{said}");
    assert_eq!(terraform.unbuilt(), "", "the provider calls what is not built");
}
