//! Our own service as the router knows services.

use wire::{OperationSchema, Protocol, ServiceSchema};

macro_rules! operations {
    ($($constant:ident $name:literal $($unsigned:ident)?),* $(,)?) => {
        $(static $constant: OperationSchema = OperationSchema {
            name: $name,
            input: None,
            output: None,
            result_wrapper: None,
            errors: &[],
            pagination: None,
            method: "POST",
            uri: "/",
            unsigned: false $(|| stringify!($unsigned).len() > 0)?,
        };)*
        /// Sorted by name, as the router searches them.
        static OPERATIONS: &[&OperationSchema] = &[$(&$constant),*];
    };
}

operations!(
    BEGIN_WEB_AUTHN_REGISTRATION "BeginWebAuthnRegistration",
    CREATE_ACCESS_KEY "CreateAccessKey",
    CREATE_ACCOUNT "CreateAccount",
    DELETE_HARDWARE_TOKEN "DeleteHardwareToken",
    EXPLAIN "Explain",
    FEDERATION_LOGIN "FederationLogin" unsigned,
    FINISH_WEB_AUTHN_REGISTRATION "FinishWebAuthnRegistration",
    GET_DELEGATION_TOKEN "GetDelegationToken",
    GET_PASSWORD_POLICY "GetPasswordPolicy",
    GET_SIGNIN_TOKEN "GetSigninToken" unsigned,
    IMPORT "Import",
    LIST_ACCOUNTS "ListAccounts",
    LIST_HARDWARE_TOKENS "ListHardwareTokens",
    LOGIN "Login",
    LOOKUP_RECORDS "LookupRecords",
    REGISTER_HARDWARE_TOKEN "RegisterHardwareToken",
    RESET "Reset",
    SET_PASSWORD_POLICY "SetPasswordPolicy",
    SIGN_IN "SignIn" unsigned,
    STATUS "Status",
);

/// The service.
pub static SERVICE: ServiceSchema = ServiceSchema {
    id: "bailiwick",
    endpoint_prefix: "bailiwick",
    signing_name: "bailiwick",
    api_version: "2026-11-22",
    protocol: Protocol::Json11,
    xml_namespace: None,
    target_prefix: Some(super::TARGET_PREFIX),
    global_endpoint: None,
    operations: OPERATIONS,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_those_of_the_table() {
        let named: Vec<_> = OPERATIONS.iter().map(|operation| operation.name).collect();
        assert!(named.is_sorted());
        let mut rows: Vec<_> = super::super::rows().iter().map(|row| row.name).collect();
        rows.sort_unstable();
        assert_eq!(named, rows);
    }
}
