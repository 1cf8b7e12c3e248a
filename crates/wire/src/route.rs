//! Which service and operation a request calls.
//!
//! AWS dispatches by host name; here all services share one address, so the request itself tells: the
//! `X-Amz-Target` header, the `Action` and `Version` parameters, and the service that the credential scope
//! names. Nothing is trusted yet: the signature is checked against the service found here.

use crate::fault::Fault;
use crate::head::{Head, SMITHY_PROTOCOL, X_AMZ_TARGET};
use crate::query::Params;
use crate::reply::Dialect;
use crate::schema::{OperationSchema, Protocol, ServiceSchema};

/// One of AWS's services, built here or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownService {
    /// The service name in a credential scope.
    pub signing_name: &'static str,
    /// The name by which the command line knows it.
    pub id: &'static str,
    /// The protocol in which it answers.
    pub protocol: Protocol,
    /// What precedes the dot in `X-Amz-Target`.
    pub target_prefix: Option<&'static str>,
    /// The version of its API.
    pub api_version: &'static str,
}

/// All of AWS's services, sorted by signing name.
pub fn known_services() -> &'static [KnownService] {
    crate::services::SERVICES
}

/// Where a request leads.
#[derive(Debug, Clone, PartialEq)]
pub enum Route {
    /// An operation of a service that is built here.
    Operation {
        /// The service.
        service: &'static ServiceSchema,
        /// The operation.
        operation: &'static OperationSchema,
    },
    /// A service that is built here, but no operation that it has in this version.
    Unknown {
        /// The service.
        service: &'static ServiceSchema,
        /// The operation named, if one is.
        operation: Option<String>,
        /// The version named, if one is.
        version: Option<String>,
    },
    /// A service of AWS that is not built here.
    Unbuilt {
        /// The service's name for people: `s3`.
        service: &'static str,
        /// The operation, if the request names one.
        operation: Option<String>,
        /// How the caller expects to be answered.
        dialect: Dialect,
    },
    /// The request names neither service nor operation.
    Nowhere,
}

impl Route {
    /// How the caller is answered.
    pub fn dialect(&self) -> Dialect {
        match self {
            Route::Operation { service, .. } | Route::Unknown { service, .. } => Dialect::of(service),
            Route::Unbuilt { dialect, .. } => *dialect,
            Route::Nowhere => Dialect::UNKNOWN,
        }
    }

    /// Why the request leads to no operation; `None` if it leads to one.
    pub fn fault(&self) -> Option<Fault> {
        match self {
            Route::Operation { .. } => None,
            Route::Unknown { operation: Some(name), version, .. } => {
                Some(Fault::invalid_action(name, version.as_deref()))
            }
            Route::Unknown { operation: None, .. } => Some(Fault::missing_action()),
            Route::Unbuilt { service, operation, .. } => {
                Some(Fault::not_implemented(service, operation.as_deref()))
            }
            Route::Nowhere => Some(Fault::missing_authentication_token()),
        }
    }
}

/// Finds routes among the services that are built.
#[derive(Debug, Clone, Copy)]
pub struct Router {
    services: &'static [&'static ServiceSchema],
}

impl Router {
    /// A router over these services.
    pub const fn new(services: &'static [&'static ServiceSchema]) -> Self {
        Self { services }
    }

    /// The route of a request; `scope` is the [service that it claims](crate::sigv4::claimed_service). Parameters
    /// that could not be read are given as [`Params::default`], which still finds the dialect for the answer.
    pub fn route(&self, head: &Head<'_>, params: &Params<'_>, scope: Option<&str>) -> Route {
        if head.header(SMITHY_PROTOCOL) == Some("rpc-v2-cbor") {
            return self.by_cbor_path(head.uri.path(), scope);
        }
        if let Some(target) = head.header(X_AMZ_TARGET) {
            return self.by_target(target, head, scope);
        }
        if let Some(action) = params.get("Action") {
            return self.by_action(action, params.get("Version"), scope);
        }
        match scope {
            Some(scope) => match self.built(|service| service.signing_name == scope) {
                Some(service) => Route::Unknown { service, operation: None, version: None },
                None => unbuilt(scope, None, None),
            },
            None => Route::Nowhere,
        }
    }

    fn built(&self, is: impl Fn(&ServiceSchema) -> bool) -> Option<&'static ServiceSchema> {
        self.services.iter().copied().find(|service| is(service))
    }

    fn by_target(&self, target: &str, head: &Head<'_>, scope: Option<&str>) -> Route {
        let (prefix, operation) = target.rsplit_once('.').unwrap_or(("", target));
        if let Some(service) = self.built(|service| service.target_prefix == Some(prefix)) {
            return operation_of(service, operation, None);
        }
        let protocol = match head.header("content-type") {
            Some(kind) if kind.contains("json-1.0") => Protocol::Json10,
            _ => Protocol::Json11,
        };
        let of_prefix = || known_services().iter().filter(|service| service.target_prefix == Some(prefix));
        let known =
            of_prefix().find(|service| Some(service.signing_name) == scope).or_else(|| of_prefix().next());
        match known {
            Some(known) => Route::Unbuilt {
                service: known.id,
                operation: Some(operation.to_owned()),
                dialect: Dialect { protocol, ..Dialect::of_known(known) },
            },
            None => unbuilt(scope.unwrap_or_default(), Some(operation), Some(protocol)),
        }
    }

    /// Versions are dates, and those of the services built here differ, so that a version tells the service;
    /// a wrong or missing one leaves it to the scope.
    fn by_action(&self, action: &str, version: Option<&str>, scope: Option<&str>) -> Route {
        let query = |service: &ServiceSchema| service.protocol == Protocol::Query;
        let by_version = self.built(|it| {
            query(it)
                && version == Some(it.api_version)
                && (it.operation(action).is_some() || scope.is_none())
        });
        if let Some(service) = by_version {
            return operation_of(service, action, version);
        }
        if let Some(service) = self.built(|it| query(it) && Some(it.signing_name) == scope) {
            if version == Some(service.api_version) {
                return operation_of(service, action, version);
            }
            return Route::Unknown {
                service,
                operation: Some(action.to_owned()),
                version: version.map(str::to_owned),
            };
        }
        match scope {
            Some(scope) => unbuilt(scope, Some(action), None),
            None => match self.built(|it| query(it) && it.operation(action).is_some()) {
                Some(service) => Route::Unknown {
                    service,
                    operation: Some(action.to_owned()),
                    version: version.map(str::to_owned),
                },
                None => Route::Nowhere,
            },
        }
    }

    /// `/service/GraniteServiceVersion20100801/operation/ListMetrics`.
    fn by_cbor_path(&self, path: &str, scope: Option<&str>) -> Route {
        let operation = path.rsplit_once("/operation/").map(|(_, operation)| operation);
        unbuilt(scope.unwrap_or_default(), operation, Some(Protocol::Cbor))
    }
}

fn operation_of(service: &'static ServiceSchema, name: &str, version: Option<&str>) -> Route {
    match service.operation(name) {
        Some(operation) => Route::Operation { service, operation },
        None => Route::Unknown {
            service,
            operation: Some(name.to_owned()),
            version: Some(version.unwrap_or(service.api_version).to_owned()),
        },
    }
}

/// The route to a service of AWS by its signing name; a protocol that the request shows goes before the one
/// of the table, since clients choose among several.
fn unbuilt(signing_name: &str, operation: Option<&str>, shown: Option<Protocol>) -> Route {
    let known = known_services();
    let start = known.partition_point(|service| service.signing_name < signing_name);
    let mut candidates =
        known.get(start..).unwrap_or_default().iter().take_while(|it| it.signing_name == signing_name);
    // Several share a signing name (`s3`, `s3control`): the one named like it is the one most often meant.
    let found = candidates.clone().find(|it| it.id == signing_name).or_else(|| candidates.next());
    match (found, shown) {
        (Some(service), shown) => {
            let dialect = Dialect::of_known(service);
            let protocol = match (shown, dialect.protocol) {
                (Some(shown), _) => shown,
                // An `Action` parameter: an older client of a service that has moved to JSON.
                (None, Protocol::Query | Protocol::Ec2) => dialect.protocol,
                (None, other) if operation.is_none() => other,
                (None, _) => Protocol::Query,
            };
            Route::Unbuilt {
                service: service.id,
                operation: operation.map(str::to_owned),
                dialect: Dialect { protocol, ..dialect },
            }
        }
        (None, Some(protocol)) => Route::Unbuilt {
            service: "unknown",
            operation: operation.map(str::to_owned),
            dialect: Dialect { protocol, ..Dialect::UNKNOWN },
        },
        (None, None) => Route::Nowhere,
    }
}
