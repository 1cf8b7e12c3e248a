//! Three-valued logic: what is known of a statement before everything is.

/// Whether something holds: in no request, in some or none of those that are possible, or in every one.
///
/// `and` is the lesser of two, `or` the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Truth {
    #[default]
    No,
    Open,
    Yes,
}

impl Truth {
    pub(super) fn not(self) -> Self {
        match self {
            Truth::No => Truth::Yes,
            Truth::Open => Truth::Open,
            Truth::Yes => Truth::No,
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        self.min(other)
    }

    pub(super) fn or(self, other: Self) -> Self {
        self.max(other)
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Truth::Yes } else { Truth::No }
    }
}

/// What statements come to, in a byte of which many can be put together at once.
///
/// `allow` has the lowest two bits, `deny` the next two, in such a way that `or` is that of bits; one more bit says
/// that single principals may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Brief(u8);

impl Brief {
    pub(super) fn new(allow: Truth, deny: Truth, personal: bool) -> Self {
        let bits = |truth| match truth {
            Truth::No => 0b00,
            Truth::Open => 0b01,
            Truth::Yes => 0b11,
        };
        Self(bits(allow) | bits(deny) << 2 | u8::from(personal) << 4)
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn allow(self) -> Truth {
        Self::truth(self.0)
    }

    pub(super) fn deny(self) -> Truth {
        Self::truth(self.0 >> 2)
    }

    pub(super) fn is_personal(self) -> bool {
        self.0 >> 4 == 1
    }

    fn truth(bits: u8) -> Truth {
        match bits & 0b11 {
            0b00 => Truth::No,
            0b01 => Truth::Open,
            _ => Truth::Yes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn briefs_are_put_together_as_truths_are() {
        let all = [Truth::No, Truth::Open, Truth::Yes];
        for (a, b) in all.into_iter().flat_map(|a| all.map(|b| (a, b))) {
            let both = Brief::new(a, b, false).or(Brief::new(b, a, true));
            assert_eq!((both.allow(), both.deny(), both.is_personal()), (a.or(b), a.or(b), true));
        }
    }
}
