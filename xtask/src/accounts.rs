//! `cargo xtask accounts`: made accounts for benchmarks, from a fixed seed, in the forms of the AWS CLI's answers.
//!
//! Of each account: authorization details, credential report, summary, password policy, MFA devices, policies of
//! resources, what runs as which role; of all: the organization with its SCPs. Ways to administrator are planted, and
//! look-alikes that are none; `planted.json` names both. Accounts are written one after the other.

mod dice;
mod identities;
mod planted;
mod policies;
mod resources;

use anyhow::{Context, Result};
use clap::Args;
use dice::Dice;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The organization's id.
const ORGANIZATION: &str = "o-made0example";
/// The day that the accounts are made as of.
pub const DAY: &str = "2026-11-22";

/// What to make.
#[derive(Args, Clone)]
pub struct Options {
    /// The folder to write into; each account gets a folder of its own in it
    #[arg(long)]
    pub out: PathBuf,
    /// How many accounts
    #[arg(long, default_value_t = 1)]
    pub accounts: usize,
    /// Roles of each
    #[arg(long, default_value_t = 2_000)]
    pub roles: usize,
    /// Users of each
    #[arg(long, default_value_t = 500)]
    pub users: usize,
    /// The seed
    #[arg(long, default_value_t = 2_026)]
    pub seed: u64,
    /// Pack the files
    #[arg(long)]
    pub gzip: bool,
}

/// An account in the making.
pub struct Maker {
    dice: Dice,
    /// Its id.
    id: String,
    /// Its number in the organization.
    number: usize,
    roles: usize,
    users: usize,
}

/// Makes them all.
pub fn make(options: &Options) -> Result<()> {
    fs::create_dir_all(&options.out)?;
    write(&options.out, "organization.json", &organization(options.accounts), options.gzip)?;
    for number in 0..options.accounts {
        let mut maker = Maker {
            dice: Dice::new(options.seed + number as u64),
            id: account_id(number),
            number,
            roles: options.roles,
            users: options.users,
        };
        maker.write(options).with_context(|| format!("account {}", maker.id))?;
    }
    Ok(())
}

fn account_id(number: usize) -> String {
    format!("{:012}", 210_000_000_000 + number as u64 * 7_919_317)
}

fn write(folder: &Path, name: &str, value: &Value, gzip: bool) -> Result<()> {
    let text = serde_json::to_vec_pretty(value)?;
    bytes(folder, name, &text, gzip)
}

fn bytes(folder: &Path, name: &str, text: &[u8], gzip: bool) -> Result<()> {
    if gzip {
        let file = BufWriter::new(File::create(folder.join(format!("{name}.gz")))?);
        let mut packed = GzEncoder::new(file, Compression::fast());
        packed.write_all(text)?;
        packed.finish()?.flush()?;
    } else {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}

fn organization(accounts: usize) -> Value {
    let management = "210999999999";
    let mut members = vec![json!({
        "Id": management, "Name": "management", "Status": "ACTIVE", "Email": "aws@example.com", "ParentId": "r-made",
    })];
    members.extend((0..accounts).map(|number| {
        let parent = if number % 3 == 0 { "ou-made-production" } else { "ou-made-workloads" };
        json!({
            "Id": account_id(number), "Name": format!("workload-{number}"), "Status": "ACTIVE",
            "Email": format!("aws+{number}@example.com"), "ParentId": parent,
        })
    }));
    let policy = |id: &str, statement: Value, targets: &[&str]| {
        json!({
            "Id": id, "Name": id, "Type": "SERVICE_CONTROL_POLICY",
            "Content": { "Version": "2012-10-17", "Statement": [statement] }, "Targets": targets,
        })
    };
    json!({
        "Organization": { "Id": ORGANIZATION, "MasterAccountId": management, "FeatureSet": "ALL" },
        "Accounts": members,
        "OrganizationalUnits": [
            { "Id": "ou-made-production", "Name": "production", "ParentId": "r-made" },
            { "Id": "ou-made-workloads", "Name": "workloads", "ParentId": "r-made" },
        ],
        "Policies": [
            policy("p-FullAWSAccess", json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }),
                &["r-made", "ou-made-production", "ou-made-workloads"]),
            policy("p-keep-trails", json!({
                "Effect": "Deny", "Resource": "*",
                "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "organizations:LeaveOrganization"],
            }), &["r-made"]),
            // What the look-alikes of `planted` rest on.
            policy("p-no-glue-endpoints", json!({ "Effect": "Deny", "Action": "glue:CreateDevEndpoint", "Resource": "*" }),
                &["ou-made-production", "ou-made-workloads"]),
        ],
    })
}

impl Maker {
    fn write(&mut self, options: &Options) -> Result<()> {
        let folder = options.out.join(&self.id);
        fs::create_dir_all(&folder)?;
        let policies = self.policies();
        let groups = self.groups(&policies);
        let (mut users, report) = self.all_users(&policies);
        let mut roles = self.all_roles(&policies);
        let planted = self.planted();
        users.extend(planted.users.iter().cloned());
        roles.extend(planted.roles.iter().cloned());
        let mut managed = policies.documents;
        managed.extend(planted.policies.iter().cloned());
        let workloads = self.workloads(&roles);
        let export = json!({
            "UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": managed,
        });
        write(&folder, "authorization-details.json", &export, options.gzip)?;
        bytes(&folder, "credential-report.csv", report.as_bytes(), options.gzip)?;
        write(&folder, "resource-policies.json", &self.resource_policies(), options.gzip)?;
        write(&folder, "resources.json", &workloads, options.gzip)?;
        write(&folder, "account-summary.json", &self.summary(), options.gzip)?;
        write(&folder, "password-policy.json", &self.password_policy(), options.gzip)?;
        if self.number == 0 {
            fs::write(options.out.join("planted.txt"), planted.told.join("\n"))?;
        }
        Ok(())
    }

    fn arn(&self, resource: &str) -> String {
        format!("arn:aws:iam::{}:{resource}", self.id)
    }

    fn summary(&mut self) -> Value {
        json!({ "SummaryMap": {
            "Users": self.users, "Roles": self.roles, "AccountMFAEnabled": u8::from(self.dice.percent(70)),
            "AccountAccessKeysPresent": u8::from(self.dice.percent(10)), "MFADevices": self.users / 2,
        } })
    }

    fn password_policy(&mut self) -> Value {
        json!({ "PasswordPolicy": {
            "MinimumPasswordLength": 8 + self.dice.roll(8), "RequireSymbols": true, "RequireNumbers": true,
            "RequireUppercaseCharacters": true, "RequireLowercaseCharacters": true,
            "AllowUsersToChangePassword": true, "ExpirePasswords": false, "PasswordReusePrevention": 5,
        } })
    }
}
