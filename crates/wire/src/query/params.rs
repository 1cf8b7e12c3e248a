//! Parameters of a query string and a form.

use crate::fault::Fault;
use crate::percent;
use std::borrow::Cow;

/// Parameters that one request may carry. The largest real inputs have some hundred.
const MOST: usize = 8192;

/// The decoded parameters of a request: those of the query string, then those of the form in the body.
///
/// A name occurs once in them, also when capitals are disregarded: the signature covers every occurrence,
/// so choosing one of two would leave it open which of them was meant.
#[derive(Debug, Default, Clone)]
pub struct Params<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    from_query: usize,
}

impl<'a> Params<'a> {
    /// Reads the query string and, if the body is a form, the body.
    ///
    /// # Errors
    /// `MalformedQueryString` for broken encodings, repeated names and too many parameters.
    pub fn parse(query: Option<&'a str>, form: Option<&'a [u8]>) -> Result<Self, Fault> {
        let mut params = Params::default();
        params.extend(query.unwrap_or_default().as_bytes())?;
        params.from_query = params.pairs.len();
        params.extend(form.unwrap_or_default())?;
        params.refuse_repeated()?;
        Ok(params)
    }

    fn extend(&mut self, text: &'a [u8]) -> Result<(), Fault> {
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if self.pairs.len() == MOST {
                return Err(Fault::malformed_query_string("The request has too many parameters."));
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let mut half = || percent::decode(halves.next().unwrap_or_default());
            match (half(), half()) {
                (Ok(name), Ok(value)) => self.pairs.push((name, value)),
                _ => return Err(Fault::malformed_query_string("The query string contains a syntax error.")),
            }
        }
        Ok(())
    }

    fn refuse_repeated(&self) -> Result<(), Fault> {
        let repeated = if self.pairs.len() <= 16 {
            self.pairs.iter().enumerate().any(|(place, (name, _))| {
                self.pairs.iter().skip(place + 1).any(|(other, _)| name.eq_ignore_ascii_case(other))
            })
        } else {
            let mut names: Vec<_> = self.pairs.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
            names.sort_unstable();
            names.windows(2).any(|two| matches!(two, [a, b] if a == b))
        };
        if repeated {
            return Err(Fault::malformed_query_string("A parameter of the request is given more than once."));
        }
        Ok(())
    }

    /// The value of exactly this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All names and values in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The parameters of the query string alone.
    pub fn of_query(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().take(self.from_query)
    }

    /// The value of this name in the query string alone.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.of_query().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sources_are_read() {
        let params = Params::parse(Some("Action=A&x"), Some(b"Version=1&n=a+b%2B")).unwrap();
        assert_eq!(params.get("Action"), Some("A"));
        assert_eq!(params.get("x"), Some(""));
        assert_eq!(params.get("n"), Some("a b+"));
        assert_eq!(params.query("Version"), None);
        assert_eq!(params.get("action"), None);
    }

    #[test]
    fn case_013_a_repeated_parameter_is_refused() {
        for (query, form) in [
            ("Action=GetUser&Action=DeleteUser", ""),
            ("Action=GetUser", "Action=DeleteUser"),
            ("Action=GetUser", "action=DeleteUser"),
            ("X-Amz-Credential=a&x-amz-credential=b", ""),
            ("%41ction=GetUser&Action=DeleteUser", ""),
        ] {
            let fault = Params::parse(Some(query), Some(form.as_bytes())).unwrap_err();
            assert_eq!(fault.code, "MalformedQueryString", "{query} {form}");
        }
        let many: String = (0..40).map(|n| format!("a{n}=1&")).collect();
        assert!(Params::parse(Some(&many), None).is_ok());
        assert!(Params::parse(Some(&(many + "A7=2")), None).is_err());
    }

    #[test]
    fn broken_text_is_refused() {
        for bad in ["a=%", "a=%zz", "%ff=1", "a=%C3"] {
            assert_eq!(Params::parse(Some(bad), None).unwrap_err().code, "MalformedQueryString", "{bad}");
        }
        let many = "a=1&".repeat(MOST + 1);
        assert!(Params::parse(Some(&many), None).is_err());
    }
}
