//! Who is connected how often: no address may take all the room.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Connections by address.
#[derive(Debug, Clone)]
pub(crate) struct Guests {
    limit: usize,
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection that counts until it is dropped.
#[derive(Debug)]
pub(crate) struct Guest {
    address: Option<IpAddr>,
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Guests {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, counts: Arc::default() }
    }

    /// Lets one more connection in, unless its address has as many as it may. This machine's own are not counted: a
    /// proxy stands there, or a test.
    pub(crate) fn admit(&self, address: IpAddr) -> Option<Guest> {
        let address = network(address);
        if let Some(address) = address {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(address).or_default();
            if *count >= self.limit {
                return None;
            }
            *count += 1;
        }
        Some(Guest { address, counts: Arc::clone(&self.counts) })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let Some(address) = self.address else { return };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&address);
            }
        }
    }
}

/// What counts as one address: of IPv6 the network that one customer has.
fn network(address: IpAddr) -> Option<IpAddr> {
    match address.to_canonical() {
        address if address.is_loopback() => None,
        IpAddr::V6(address) => Some(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()),
        address => Some(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_so_many_and_gets_them_back() {
        let guests = Guests::new(2);
        let admit = |text: &str| guests.admit(text.parse().unwrap());
        let one = admit("192.0.2.1").unwrap();
        let _two = admit("::ffff:192.0.2.1").unwrap();
        assert!(admit("192.0.2.1").is_none());
        assert!(admit("192.0.2.2").is_some());
        drop(one);
        assert!(admit("192.0.2.1").is_some());
        let _local: Vec<_> = (0..9).map(|_| admit("127.0.0.1").unwrap()).collect();
        let _net = [admit("2001:db8::1").unwrap(), admit("2001:db8::2").unwrap()];
        assert!(admit("2001:db8::3").is_none());
        drop(_net);
        assert_eq!(guests.counts.lock().unwrap().len(), 1);
    }
}
