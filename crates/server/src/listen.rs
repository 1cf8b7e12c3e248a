//! The address that clients connect to.

use crate::error::StartError;
use crate::tls::TlsFiles;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::TcpListener;

/// Where and how to listen for clients.
#[derive(Debug, Clone)]
pub struct Listen {
    /// The address; port 0 takes a free one.
    pub address: SocketAddr,
    /// Certificate and key; without them plain HTTP is spoken.
    pub tls: Option<TlsFiles>,
    /// Whether plain HTTP may be spoken beyond this machine.
    pub insecure_http: bool,
    /// The address that clients are told if it is not the one listened on.
    pub advertise: Option<String>,
}

impl Listen {
    /// Refuses to speak unencrypted to other machines, unless that was asked for.
    pub fn check(&self) -> Result<(), StartError> {
        let open = !self.address.ip().to_canonical().is_loopback();
        match open && self.tls.is_none() && !self.insecure_http {
            true => Err(StartError::Unencrypted(self.address)),
            false => Ok(()),
        }
    }

    /// Takes the address.
    pub(crate) async fn bind(&self) -> Result<(TcpListener, SocketAddr), StartError> {
        let failed = |source| StartError::Bind { address: self.address, source };
        let listener = TcpListener::bind(self.address).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        Ok((listener, bound))
    }

    /// The base address for clients of this machine, such as `http://127.0.0.1:7373`.
    pub(crate) fn endpoint(&self, bound: SocketAddr) -> String {
        if let Some(told) = &self.advertise {
            return told.trim_end_matches('/').to_owned();
        }
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", SocketAddr::new(reachable(bound.ip()), bound.port()))
    }
}

/// An address that means "every address" is not one to connect to.
fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen(address: &str) -> Listen {
        Listen { address: address.parse().unwrap(), tls: None, insecure_http: false, advertise: None }
    }

    #[test]
    fn only_loopback_may_be_plain() {
        for address in ["127.0.0.1:0", "127.8.9.1:80", "[::1]:0", "[::ffff:127.0.0.1]:0"] {
            assert!(listen(address).check().is_ok(), "{address}");
        }
        for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80", "10.0.0.1:80", "[::ffff:10.0.0.1]:0"] {
            assert!(matches!(listen(address).check(), Err(StartError::Unencrypted(_))), "{address}");
            assert!(Listen { insecure_http: true, ..listen(address) }.check().is_ok());
        }
    }

    #[test]
    fn clients_are_told_an_address_to_connect_to() {
        let told = |address: &str| listen(address).endpoint(address.parse().unwrap());
        assert_eq!(told("0.0.0.0:7373"), "http://127.0.0.1:7373");
        assert_eq!(told("[::]:7373"), "http://[::1]:7373");
        assert_eq!(told("127.0.0.2:1"), "http://127.0.0.2:1");
    }
}
