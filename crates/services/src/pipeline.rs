//! One request on its way: what it calls, who calls, what it says; and back: the record and the answer.

use crate::bailiwick::{self, federation};
use crate::call::{Call, Draw, Origin};
use crate::exchange::{Incoming, Outgoing, Respond};
use crate::front::Front;
use crate::known::Known;
use crate::record::{self, Facts, SignIn};
use crate::row::{Answer, Body, Ran, Redirect, Row, Run, Stranger};
use authn::{Authenticated, Parent, Session};
use base::{AccountId, Partition, Region, Timestamp, UniqueId, Uuid};
use directory::{Realm, Tx};
use model::Snapshot;
use std::cell::OnceCell;
use std::sync::Arc;
use store::{CommitError, Job, Refused, Rev, Transaction};
use wire::json::{JsonWriter, Style};
use wire::query::Params;
use wire::route::{Route, Router};
use wire::sigv4::{self, Expected, Regions};
use wire::{Dialect, Fault, OperationSchema, Protocol, ServiceSchema};

static SERVICES: [&ServiceSchema; 3] =
    [&wire::iam::SERVICE, &wire::sts::SERVICE, &bailiwick::schema::SERVICE];
static ROUTER: Router = Router::new(&SERVICES);

/// Where a development server is reset: a plain path, for test suites that have no client of ours.
const RESET_PATH: &str = "/_bailiwick/dev/reset";

/// What answers one request: all that is known before anything is decoded.
pub(crate) struct Answerer<'f> {
    front: &'f Arc<Front>,
    now: Timestamp,
    request_id: Uuid,
    origin: Origin,
    prefers_json: bool,
}

/// A request whose caller is known and whose input is decoded and validated.
pub(crate) struct Admitted {
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) call: Call,
    pub(crate) body: Body,
    schema: (&'static ServiceSchema, &'static OperationSchema),
    authenticated: Authenticated,
    parameters: Option<Vec<u8>>,
    prefers_json: bool,
}

/// What a first look at a request came to.
pub(crate) enum Admission {
    /// Its caller is known and its input decoded.
    Admitted(Box<Admitted>),
    /// It has no signature and its operation needs none: the input is to prove who sends it.
    Unsigned(Box<Unsigned>),
}

/// A request without a signature, which its input is to prove.
pub(crate) struct Unsigned {
    incoming: Incoming,
    schema: (&'static ServiceSchema, &'static OperationSchema),
    now: Timestamp,
    request_id: Uuid,
}

/// What is known of a request that is refused before it is admitted.
struct Refusal<'r> {
    fault: Fault,
    dialect: Dialect,
    service: &'r str,
    operation: &'r str,
    region: &'r str,
    access_key: Option<&'r str>,
    call: Option<&'r Call>,
    /// The account that the request names, where there is no caller.
    named: Option<AccountId>,
    /// What makes its record that of a sign-in.
    sign_in: Option<&'r SignIn>,
}

impl<'f> Answerer<'f> {
    pub(crate) fn new(front: &'f Arc<Front>, incoming: &Incoming, now: Timestamp, request_id: Uuid) -> Self {
        let prefers_json = wire::reply::prefers_json(&incoming.headers);
        Self { front, now, request_id, origin: incoming.origin.clone(), prefers_json }
    }

    /// A refusal that leaves no record.
    pub(crate) fn refuse(&self, fault: &Fault) -> Outgoing {
        wire::reply::fault(fault, Dialect::UNKNOWN, self.request_id.as_str())
    }

    /// Routes, authenticates, decodes and validates; or answers with the refusal, recorded.
    pub(crate) fn admit(&self, snapshot: &Snapshot, incoming: Incoming) -> Result<Admission, Outgoing> {
        let head = incoming.head();
        let parsed = head.params(&incoming.body);
        let empty = Params::default();
        let (params, unread) = match &parsed {
            Ok(params) => (params, None),
            Err(fault) => (&empty, Some(fault.clone())),
        };
        let claimed = sigv4::claimed_service(&head, params);
        let route = match incoming.uri.path() {
            RESET_PATH => own_route("Reset"),
            federation::PATH => own_route(federation::operation(params)),
            _ => ROUTER.route(&head, params, claimed),
        };
        let dialect = route.dialect();
        let lost = |fault: Fault| {
            let (service, operation) = named(&route, claimed);
            self.turn_away(Refusal {
                fault,
                dialect,
                service,
                operation,
                region: "",
                access_key: None,
                call: None,
                named: None,
                sign_in: None,
            })
        };
        if let Some(fault) = unread {
            return Err(lost(fault));
        }
        let (service, operation) = match &route {
            Route::Operation { service, operation } => (*service, *operation),
            other => return Err(lost(other.fault().unwrap_or_else(Fault::internal))),
        };
        let schema = (service, operation);
        if operation.unsigned && self.front.table.row(service.id, operation.name).is_some() {
            let (now, request_id) = (self.now, self.request_id);
            return Ok(Admission::Unsigned(Box::new(Unsigned { incoming, schema, now, request_id })));
        }
        let (authenticated, access_key) = self.authenticate(snapshot, &incoming, params, schema, claimed)?;
        let call = self.call(&authenticated, snapshot, schema, access_key)?;
        let refuse = |fault: Fault| {
            self.turn_away(Refusal {
                fault,
                dialect,
                service: service.id,
                operation: operation.name,
                region: call.region,
                access_key,
                call: Some(&call),
                named: None,
                sign_in: None,
            })
        };
        check_session(&call, service, operation).map_err(refuse)?;
        let (body, parameters) = decode(service, operation, params, &incoming.body).map_err(refuse)?;
        Ok(Admission::Admitted(Box::new(Admitted {
            service: service.id,
            operation: operation.name,
            call,
            body,
            schema,
            authenticated,
            parameters,
            prefers_json: self.prefers_json,
        })))
    }

    /// Decodes a request without a signature and makes out its sender by what it carries; or answers with the
    /// refusal, recorded.
    fn identify(&self, snapshot: &Snapshot, unsigned: &Unsigned) -> Result<Admitted, Outgoing> {
        let (service, operation) = unsigned.schema;
        let head = unsigned.incoming.head();
        let refused = |fault: Fault, region: &str, named: Option<AccountId>, sign_in: Option<&SignIn>| {
            self.turn_away(Refusal {
                fault,
                dialect: Dialect::of(service),
                service: service.id,
                operation: operation.name,
                region,
                access_key: None,
                call: None,
                named,
                sign_in,
            })
        };
        let params = head.params(&unsigned.incoming.body).map_err(|fault| refused(fault, "", None, None))?;
        let region = self.region(&params, head.headers);
        let refuse = |fault: Fault| refused(fault, region.name, None, None);
        let (body, parameters) = match unsigned.incoming.uri.path() {
            federation::PATH => (Body::Json(federation::input(&params)), None),
            _ => decode(service, operation, &params, &unsigned.incoming.body).map_err(refuse)?,
        };
        let row = self.front.table.row(service.id, operation.name);
        let identify = row.and_then(|row| row.identify.as_ref()).ok_or_else(|| refuse(Fault::internal()))?;
        let tools = self.front.tools();
        let entropy = Draw::new(&*self.front.entropy);
        let (now, origin) = (self.now, &self.origin);
        let stranger =
            Stranger { now, origin, region, tools: &tools, entropy: &entropy, sign_in: OnceCell::new() };
        let authenticated = identify(&stranger, snapshot, body.clone()).map_err(|unproven| {
            refused(unproven.fault, region.name, unproven.account, stranger.sign_in.get())
        })?;
        let mut call = self.call(&authenticated, snapshot, unsigned.schema, None)?;
        call.sign_in = stranger.sign_in.into_inner();
        Ok(Admitted {
            service: service.id,
            operation: operation.name,
            call,
            body,
            schema: unsigned.schema,
            authenticated,
            parameters,
            prefers_json: self.prefers_json,
        })
    }

    /// Where a request without a credential scope goes: the region that its host names, in the partition of the role
    /// that it asks for; else that partition's global region.
    fn region(&self, params: &Params<'_>, headers: &http::HeaderMap) -> Region {
        let home = self.front.authenticator.home_partition();
        let role = params.get("RoleArn").and_then(base::ArnRef::parse);
        let partition = role.and_then(|arn| Partition::by_id(arn.partition));
        let partition = partition.filter(|named| self.front.authenticator.serves(*named)).unwrap_or(home);
        let host = headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
        let labels = host.into_iter().flat_map(|host| host.split('.'));
        let named = labels.filter_map(Region::named).find(|region| region.partition == partition);
        named.unwrap_or(Region { name: partition.facts().global_region, partition })
    }

    /// The caller's proof, and the access key id that it is about.
    fn authenticate<'r>(
        &self,
        snapshot: &Snapshot,
        incoming: &'r Incoming,
        params: &'r Params<'_>,
        (service, operation): (&'static ServiceSchema, &'static OperationSchema),
        claimed: Option<&str>,
    ) -> Result<(Authenticated, Option<&'r str>), Outgoing> {
        let refuse = |fault: Fault, region: &str, access_key: Option<&str>| {
            let (dialect, service, operation) = (Dialect::of(service), service.id, operation.name);
            let named = None;
            self.turn_away(Refusal {
                fault,
                dialect,
                service,
                operation,
                region,
                access_key,
                call: None,
                named,
                sign_in: None,
            })
        };
        let is_unsigned = claimed.is_none() && !incoming.headers.contains_key(http::header::AUTHORIZATION);
        if incoming.from_owner && is_unsigned && service.id == "bailiwick" && operation.name != "Reset" {
            let account = self.front.management_account();
            let account = account.ok_or_else(|| refuse(Fault::internal(), "", None))?;
            return Ok((self.front.authenticator.owner(account), None));
        }
        let expected = expected(service, operation, claimed);
        let head = incoming.head();
        let claim =
            sigv4::parse(head, params, &expected, self.now).map_err(|fault| refuse(fault, "", None))?;
        let authenticated = self
            .front
            .authenticator
            .authenticate(&claim, &incoming.body, snapshot, &self.front.tools().tokens, self.now)
            .map_err(|fault| refuse(fault, claim.region().name, Some(claim.access_key())))?;
        Ok((authenticated, Some(claim.access_key())))
    }

    fn call(
        &self,
        authenticated: &Authenticated,
        snapshot: &Snapshot,
        (service, operation): (&'static ServiceSchema, &'static OperationSchema),
        access_key: Option<&str>,
    ) -> Result<Call, Outgoing> {
        let caller = authenticated.caller(snapshot, self.now).map_err(|fault| {
            self.turn_away(Refusal {
                fault,
                dialect: Dialect::of(service),
                service: service.id,
                operation: operation.name,
                region: authenticated.region().name,
                access_key,
                call: None,
                named: None,
                sign_in: None,
            })
        })?;
        Ok(self.front.call(caller, authenticated.region(), self.now, self.request_id, self.origin.clone()))
    }

    /// The answer to an address that has been refused too often: before anything is verified, and recorded.
    pub(crate) fn throttle(&self, incoming: &Incoming) -> Outgoing {
        let head = incoming.head();
        let params = head.params(&incoming.body).unwrap_or_default();
        let claimed = sigv4::claimed_service(&head, &params);
        let route = ROUTER.route(&head, &params, claimed);
        let (service, operation) = named(&route, claimed);
        self.turn_away(Refusal {
            fault: Fault::throttling(),
            dialect: route.dialect(),
            service,
            operation,
            region: "",
            access_key: None,
            call: None,
            named: None,
            sign_in: None,
        })
    }

    /// Records and answers a refusal.
    fn turn_away(&self, refusal: Refusal<'_>) -> Outgoing {
        let of_key = || refusal.access_key.and_then(|key| UniqueId::from_text(key).embedded_account());
        let named = refusal.named.or_else(of_key);
        let snapshot = self.front.directory.snapshot();
        let named = named.filter(|id| snapshot.state.snapshot.account(*id).is_some());
        let recipient =
            refusal.call.map(Call::account_id).or(named).or_else(|| self.front.management_account());
        if let Some(recipient) = recipient {
            self.front.record(&Facts {
                call: refusal.call,
                access_key_id: refusal.access_key,
                now: self.now,
                sequence: self.front.next_record(),
                request_id: self.request_id,
                origin: &self.origin,
                service: refusal.service,
                operation: refusal.operation,
                region: refusal.region,
                read_only: false,
                parameters: None,
                response: None,
                fault: Some(&refusal.fault),
                resources: &[],
                recipient,
                sign_in: refusal.sign_in,
            });
        }
        match refusal.call {
            Some(_) => self.front.meter.fault(&refusal.fault),
            None => self.front.note_stranger(&refusal.fault, &self.origin, self.now),
        }
        spelled(&refusal.fault, refusal.dialect, self.request_id.as_str(), self.prefers_json)
    }
}

/// A fault in the caller's protocol.
fn spelled(fault: &Fault, dialect: Dialect, request_id: &str, prefers_json: bool) -> Outgoing {
    match dialect.protocol {
        Protocol::Query if prefers_json => wire::reply::query_json_fault(fault, request_id),
        _ => wire::reply::fault(fault, dialect, request_id),
    }
}

fn own_route(name: &str) -> Route {
    match bailiwick::schema::SERVICE.operation(name) {
        Some(operation) => Route::Operation { service: &bailiwick::schema::SERVICE, operation },
        None => Route::Nowhere,
    }
}

/// How a record names what a request meant to call.
fn named<'r>(route: &'r Route, claimed: Option<&'r str>) -> (&'r str, &'r str) {
    let (service, operation) = match route {
        Route::Operation { service, operation } => (service.id, Some(operation.name)),
        Route::Unknown { service, operation, .. } => (service.id, operation.as_deref()),
        Route::Unbuilt { service, operation, .. } => (*service, operation.as_deref()),
        Route::Nowhere => (claimed.unwrap_or("unknown"), None),
    };
    (service, operation.unwrap_or("Unknown"))
}

/// What the credential scope must name. IAM has one endpoint a partition; the reset of a development server may
/// be signed for whatever service the test suite's signer knows.
fn expected(
    service: &'static ServiceSchema,
    operation: &'static OperationSchema,
    claimed: Option<&str>,
) -> Expected<'static> {
    let regions = if service.id == "iam" { Regions::Global } else { Regions::All };
    let signing = match claimed {
        Some("iam") if operation.name == "Reset" => "iam",
        Some("sts") if operation.name == "Reset" => "sts",
        Some("execute-api") if operation.name == "Reset" => "execute-api",
        _ => service.signing_name,
    };
    Expected { service: signing, regions }
}

/// Credentials of `GetSessionToken` without a second factor reach neither IAM nor, but for two operations, STS.
/// See <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>; the operations of STS
/// judge for themselves. Federated users reach neither, but for `GetCallerIdentity`:
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>.
///
/// A sign-in with a password that must be changed is good for that alone.
fn check_session(call: &Call, service: &ServiceSchema, operation: &OperationSchema) -> Result<(), Fault> {
    match call.caller.session.as_deref() {
        Some(session) if matches!(session.parent, Parent::Federated { .. }) => match service.id {
            "iam" => Err(Fault::invalid_client_token_id()),
            "sts" if operation.name != "GetCallerIdentity" => {
                Err(crate::sts::session::refused_session(operation.name))
            }
            _ => Ok(()),
        },
        Some(Session { parent: Parent::Console { must_change: true, .. }, .. }) => match operation.name {
            "ChangePassword" => Ok(()),
            _ => Err(Fault::access_denied("You must change your password before you can do anything else.")),
        },
        Some(session) if matches!(session.parent, Parent::User { .. }) => match service.id {
            "iam" if session.mfa.is_none() => Err(Fault::invalid_client_token_id()),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Operations that issue credentials without a change of the realm: their records tell what was issued.
const ISSUING: [&str; 7] = [
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "GetDelegatedAccessToken",
    "GetFederationToken",
    "GetSessionToken",
];

type Decoded = (Body, Option<Vec<u8>>);

/// The input, and as JSON for the record.
fn decode(
    service: &'static ServiceSchema,
    operation: &'static OperationSchema,
    params: &Params<'_>,
    body: &[u8],
) -> Result<Decoded, Fault> {
    if service.protocol != Protocol::Query {
        let value: serde_json::Value = if operation.name == "Reset" {
            serde_json::Value::Object(serde_json::Map::new())
        } else {
            wire::json::input(body)?
        };
        let recorded = serde_json::to_vec(&recordable(&value)).ok();
        return Ok((Body::Json(value), recorded));
    }
    let fields = wire::query::decode(params, operation.input.unwrap_or(&wire::shape::UNIT))?;
    wire::validate::validate(&fields)?;
    let recorded = operation.input.is_some().then(|| JsonWriter::fields(&fields, Style::TRAIL).into_bytes());
    Ok((Body::Fields(fields), recorded))
}

/// Members of our own inputs that no record shows.
const SECRETS: [&str; 7] =
    ["MfaAssertion", "MfaCode", "NewPassword", "Password", "Seed", "Session", "SigninToken"];

/// The input of our own service for its record: an export that is imported stays out of it, and so do secrets.
fn recordable(value: &serde_json::Value) -> serde_json::Value {
    let mut recorded = value.clone();
    if let Some(document) = recorded.get_mut("Document") {
        let size = document.as_str().map_or(0, str::len);
        *document = format!("({size} bytes)").into();
    }
    for secret in SECRETS {
        if let Some(member) = recorded.get_mut(secret) {
            *member = trail::HIDDEN.into();
        }
    }
    recorded
}

impl Admitted {
    fn facts<'a>(
        &'a self,
        front: &Front,
        row: Option<&Row>,
        fault: Option<&'a Fault>,
        response: Option<&'a [u8]>,
        resources: &'a [String],
        recipient: AccountId,
    ) -> Facts<'a> {
        Facts {
            call: Some(&self.call),
            access_key_id: None,
            now: self.call.now,
            sequence: front.next_record(),
            request_id: self.call.request_id,
            origin: &self.call.origin,
            service: self.service,
            operation: self.operation,
            region: self.call.region,
            read_only: row.is_some_and(|row| !row.writes()),
            parameters: self.parameters.as_deref(),
            response,
            fault,
            resources,
            recipient,
            sign_in: self.call.sign_in.as_ref(),
        }
    }

    /// Records and answers a read or a refusal.
    pub(crate) fn finish(
        &self,
        front: &Front,
        result: Result<Answer, Fault>,
        resources: Vec<String>,
    ) -> Outgoing {
        let row = front.table.row(self.service, self.operation);
        let response = result.as_ref().ok().and_then(|answer| self.recorded_response(answer));
        let own = self.call.account_id();
        let fault = result.as_ref().err();
        if let Some(fault) = fault {
            front.meter.fault(fault);
        }
        front.record(&self.facts(front, row, fault, response.as_deref(), &resources, own));
        // An attempt on another account's resource belongs into that account's trail as well, as for AssumeRole.
        for other in self.other_accounts(front, &resources) {
            front.record(&self.facts(front, row, fault, response.as_deref(), &resources, other));
        }
        self.encode(result)
    }

    /// What the record of a read tells of its answer: nothing, but for credentials that were issued, as
    /// CloudTrail does; their secrets are hidden.
    fn recorded_response(&self, answer: &Answer) -> Option<Vec<u8>> {
        let issues = ISSUING.contains(&self.operation);
        match answer {
            Answer::Shape(output) if issues => {
                Some(JsonWriter::structure(&**output, Style::TRAIL).into_bytes())
            }
            _ => None,
        }
    }

    fn other_accounts(&self, front: &Front, resources: &[String]) -> Vec<AccountId> {
        let own = self.call.account_id();
        let mut others: Vec<_> = resources
            .iter()
            .filter_map(|arn| AccountId::parse(base::ArnRef::parse(arn)?.account).ok())
            .filter(|id| *id != own)
            .collect();
        others.sort_unstable();
        others.dedup();
        if !others.is_empty() {
            let snapshot = front.directory.snapshot();
            others.retain(|id| snapshot.state.snapshot.account(*id).is_some());
        }
        others
    }

    fn encode(&self, result: Result<Answer, Fault>) -> Outgoing {
        let (service, operation) = self.schema;
        let request_id = self.call.request_id.as_str();
        match result {
            Ok(Answer::Shape(output)) if self.prefers_json => {
                wire::reply::query_json(operation, &*output, request_id)
            }
            Ok(Answer::Shape(output)) => wire::reply::success(service, operation, &*output, request_id),
            Ok(Answer::Redirect(on)) => redirect(on, request_id),
            Ok(Answer::Json(output)) => wire::reply::json(service.protocol, &output, request_id),
            Err(fault) => spelled(&fault, Dialect::of(service), request_id, self.prefers_json),
        }
    }
}

/// Sends a browser on to a path of this server.
fn redirect(on: Redirect, request_id: &str) -> Outgoing {
    let headers = vec![
        ("location", on.to.into()),
        ("set-cookie", on.cookie.into()),
        ("cache-control", "no-store".into()),
        ("referrer-policy", "no-referrer".into()),
        ("x-amzn-requestid", request_id.to_owned().into()),
    ];
    Outgoing { status: 303, headers, body: Vec::new() }
}

impl Unsigned {
    /// Makes out the sender, on a thread that may wait.
    pub(crate) fn identify(&self, front: &Arc<Front>) -> Result<Admitted, Outgoing> {
        let snapshot = front.directory.snapshot();
        self.answerer(front).identify(&snapshot.state.snapshot, self)
    }

    /// The refusal where no thread is free.
    pub(crate) fn refuse(&self, front: &Arc<Front>, fault: Fault) -> Outgoing {
        let (service, operation) = self.schema;
        self.answerer(front).turn_away(Refusal {
            fault,
            dialect: Dialect::of(service),
            service: service.id,
            operation: operation.name,
            region: "",
            access_key: None,
            call: None,
            named: None,
            sign_in: None,
        })
    }

    fn answerer<'f>(&self, front: &'f Arc<Front>) -> Answerer<'f> {
        Answerer::new(front, &self.incoming, self.now, self.request_id)
    }
}

/// A write on the store's thread.
pub(crate) struct Write {
    front: Arc<Front>,
    admitted: Admitted,
    respond: Respond,
    /// How the last run ended.
    ran: Option<Ran>,
}

impl Write {
    /// Hands the write to the store.
    pub(crate) fn submit(front: &Arc<Front>, admitted: Admitted, respond: Respond) {
        let job = Box::new(Write { front: Arc::clone(front), admitted, respond, ran: None });
        if let Err(rejected) = front.directory.submit(job) {
            rejected.job.done(Err(CommitError::Contended));
        }
    }

    fn run_on(&mut self, tx: &mut Tx<'_>) -> Ran {
        let refused = |fault| Ran { result: Err(fault), resources: Vec::new() };
        // The caller as it is now: a key that was deactivated since the signature was checked is noticed.
        match self.admitted.authenticated.caller(tx.snapshot(), self.admitted.call.now) {
            Ok(caller) => self.admitted.call.caller = Known::of(caller, self.admitted.call.partition),
            Err(fault) => return refused(fault),
        }
        let row = self.front.table.row(self.admitted.service, self.admitted.operation);
        match row.map(|row| (row, &row.run)) {
            Some((row, Run::Write(write) | Run::Prepared { write, .. } | Run::Factored { write, .. })) => {
                write(row, &self.admitted.call, tx, self.admitted.body.clone())
            }
            _ => refused(Fault::internal()),
        }
    }

    /// The records of a write that was kept; they go into the same batch. Credentials that were issued for another
    /// account's role are told in that account's trail as well.
    fn events(&self, ran: &Ran) -> Vec<Vec<u8>> {
        let mut recipients = vec![self.admitted.call.account_id()];
        if ISSUING.contains(&self.admitted.operation) {
            recipients.extend(self.admitted.other_accounts(&self.front, &ran.resources));
        }
        recipients.into_iter().map(|recipient| self.event(ran, recipient)).collect()
    }

    fn event(&self, ran: &Ran, recipient: AccountId) -> Vec<u8> {
        let response = match &ran.result {
            Ok(Answer::Shape(output)) => Some(JsonWriter::structure(&**output, Style::TRAIL).into_bytes()),
            _ => None,
        };
        let response = response.filter(|json| json.as_slice() != b"{}");
        let row = self.front.table.row(self.admitted.service, self.admitted.operation);
        let facts =
            self.admitted.facts(&self.front, row, None, response.as_deref(), &ran.resources, recipient);
        let mut line = Vec::with_capacity(1536);
        record::write(&facts, &*self.front.entropy, &mut line);
        line
    }
}

impl Job<Realm> for Write {
    fn run(&mut self, tx: &mut Transaction<'_, Realm>) -> Result<(), Refused> {
        let mut realm = Tx::new(tx);
        let ran = self.run_on(&mut realm);
        let kept = ran.result.is_ok() || realm.keeps_refused();
        if ran.result.is_ok() {
            self.events(&ran).into_iter().for_each(|event| tx.event(event));
        }
        self.ran = Some(ran);
        if kept { Ok(()) } else { Err(Refused) }
    }

    fn done(self: Box<Self>, result: Result<Rev, CommitError>) {
        let Write { front, admitted, respond, ran } = *self;
        let outgoing = match (result, ran) {
            (Ok(_), Some(Ran { result: Ok(answer), .. })) => admitted.encode(Ok(answer)),
            (Ok(_), Some(Ran { result: Err(fault), resources })) => {
                admitted.finish(&front, Err(fault), resources)
            }
            (Err(error), _) => admitted.finish(&front, Err(failed(&error)), Vec::new()),
            (Ok(_), None) => admitted.finish(&front, Err(Fault::internal()), Vec::new()),
        };
        respond(outgoing);
    }
}

fn failed(error: &CommitError) -> Fault {
    match error {
        CommitError::Log(_) | CommitError::Contended => {
            Fault::service_unavailable("The store does not take writes now. Try again.")
        }
        CommitError::TooLarge { .. } => Fault::request_too_large(),
        CommitError::Panicked | CommitError::Apply { .. } => Fault::internal(),
    }
}
