//! `aws iam get-service-last-accessed-details`. The answer does not tell whose it is: a member `Arn` beside it does,
//! or the file's name.

use super::arn::{account_of, arn_in_name};
use crate::estate::Input;
use crate::inputs::error::{InputError, Reason};
use crate::inputs::fact::{Fact, Reading};
use crate::inputs::json::{Json, Members, When};
use model::LastAccessed;
use model::last_accessed::ServiceLastAccessed;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Service {
    service_namespace: String,
    last_authenticated: Option<When>,
    tracked_actions_last_accessed: Option<Vec<Action>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Action {
    action_name: String,
    last_accessed_time: Option<When>,
}

/// Takes a report, or a list of them under `LastAccessed`.
pub(in crate::inputs) fn read(
    value: Json<'_>,
    members: &Members<'_>,
    reading: &mut Reading,
) -> Result<(), InputError> {
    if let Some(list) = members.get("LastAccessed") {
        for element in list.elements()? {
            read(element, &element.members()?, reading)?;
        }
    }
    let Some(services) = members.get("ServicesLastAccessed") else { return Ok(()) };
    reading.is("services last accessed");
    let arn = members.get("Arn").and_then(Json::string).or_else(|| arn_in_name(value.file));
    let arn = arn.ok_or_else(|| {
        value.error(Reason::Belongs("which user, group, role or policy it is of: add a member `Arn`"))
    })?;
    reading.told.extend(account_of(&arn));
    let state = members.get("JobStatus").and_then(Json::string).unwrap_or_else(|| "COMPLETED".to_owned());
    if state != "COMPLETED" {
        let why = format!("the report of {arn} was not made: its job is {state}");
        reading.facts.push(Fact::NotCollected(Input::LastAccessed, why));
        return Ok(());
    }
    let made: Option<When> = members.get("JobCompletionDate").map(Json::read).transpose()?;
    let made = made.map(|made| made.0);
    let services: Vec<Service> = services.read()?;
    reading.made = reading.made.or(made);
    reading.facts.push(Fact::LastAccessed(LastAccessed {
        arn,
        made,
        services: services.into_iter().map(service).collect(),
    }));
    Ok(())
}

fn service(service: Service) -> ServiceLastAccessed {
    let actions = service.tracked_actions_last_accessed.unwrap_or_default();
    ServiceLastAccessed {
        namespace: service.service_namespace,
        last: service.last_authenticated.map(|at| at.0),
        actions: actions
            .into_iter()
            .map(|it| (it.action_name, it.last_accessed_time.map(|at| at.0)))
            .collect(),
    }
}
