//! What the AWS CLI writes when an operation fails, kept in a file: either an answer too, or the reason why
//! something is not there.

use crate::estate::Input;
use crate::inputs::error::InputError;
use crate::inputs::fact::{Fact, Reading};
use crate::inputs::json::{Json, Members};
use base::AccountId;

/// `An error occurred (NoSuchEntity) when calling the GetAccountPasswordPolicy operation: …`.
pub(in crate::inputs) fn read(text: &str, reading: &mut Reading) -> Result<(), InputError> {
    let rest = text.trim().strip_prefix("An error occurred (").unwrap_or_default();
    let (code, rest) = rest.split_once(')').unwrap_or_default();
    let operation = rest.split_whitespace().skip_while(|word| *word != "the").nth(1).unwrap_or_default();
    failed(operation, code, text.trim(), reading);
    Ok(())
}

/// The same as the API answers it: `{"Error": {"Code": …, "Message": …}}`, with `Operation` beside it.
pub(in crate::inputs) fn answer(
    _: Json<'_>,
    members: &Members<'_>,
    reading: &mut Reading,
) -> Result<(), InputError> {
    let Some(error) = members.get("Error") else { return Ok(()) };
    let error = error.members()?;
    let text =
        |members: &Members<'_>, name: &str| members.get(name).and_then(Json::string).unwrap_or_default();
    let (code, message) = (text(&error, "Code"), text(&error, "Message"));
    if !code.is_empty() {
        failed(&text(members, "Operation"), &code, &message, reading);
    }
    Ok(())
}

fn failed(operation: &str, code: &str, message: &str, reading: &mut Reading) {
    reading.is("error");
    let is_password =
        operation == "GetAccountPasswordPolicy" || message.contains("Password Policy with domain name");
    if is_password && code.starts_with("NoSuchEntity") {
        reading.is("password policy");
        let words = message.split_whitespace();
        reading.told.extend(words.filter_map(|word| AccountId::parse(word.trim_matches('.')).ok()));
        reading.facts.push(Fact::PasswordPolicy(None));
        return;
    }
    if let Some(input) = input_of(operation) {
        reading.facts.push(Fact::NotCollected(input, format!("{operation}: {code}")));
    } else {
        use crate::inputs::note::{InputNote, InputNoteKind};
        let what = if operation.is_empty() { "an operation" } else { operation };
        let message = format!("holds no answer: {what} failed with {code}");
        reading.notes.push(InputNote::new(InputNoteKind::NotCollected, Some(&reading.file), message));
    }
}

/// What an operation would have told.
pub(in crate::inputs) fn input_of(operation: &str) -> Option<Input> {
    Some(match operation {
        "GetAccountAuthorizationDetails" => Input::Entities,
        "GetCredentialReport" | "GenerateCredentialReport" => Input::CredentialReport,
        "GetAccountSummary" => Input::Summary,
        "GetAccountPasswordPolicy" => Input::PasswordPolicy,
        "ListVirtualMFADevices" => Input::VirtualMfa,
        "ListServerCertificates" => Input::Certificates,
        "GetServiceLastAccessedDetails" | "GenerateServiceLastAccessedDetails" => Input::LastAccessed,
        "DescribeOrganization" | "ListAccounts" | "ListPolicies" | "ListRoots" => Input::Organization,
        "ListAnalyzers" => Input::AccessAnalyzer,
        "ListOrganizationsFeatures" => Input::CentralRootAccess,
        "ListPermissionSets" | "ListInstances" | "ListAccountAssignments" => Input::SignOn,
        _ => return None,
    })
}
