//! A typed input into form parameters, as clients send it.

use crate::schema::{
    ListSchema, MapSchema, Member, OperationSchema, ServiceSchema, StructSchema, TimestampFormat,
};
use crate::shape::{ShapeWriter, Structure};
use crate::value::float_text;
use crate::{base64, percent, time};
use base::Timestamp;
use std::fmt::Write;

/// The body of a request: `Action=CreateUser&Version=2010-05-08&UserName=Bob`.
pub fn encode(service: &ServiceSchema, operation: &OperationSchema, input: &dyn Structure) -> String {
    let mut form =
        Form { out: Vec::new(), path: String::new(), frames: vec![Frame { base: 0, index: 0, map: None }] };
    form.pair("Action", operation.name);
    form.pair("Version", service.api_version);
    input.write(&mut form);
    // Only percent-encoded, hence ASCII, text is written.
    String::from_utf8(form.out).unwrap_or_default()
}

struct Form {
    out: Vec<u8>,
    /// The name of the parameter that comes next.
    path: String,
    frames: Vec<Frame>,
}

/// A composite that is being written: the length of its path, and how far it has come.
struct Frame {
    base: usize,
    index: usize,
    map: Option<&'static MapSchema>,
}

impl Form {
    fn pair(&mut self, name: &str, value: &str) {
        if !self.out.is_empty() {
            self.out.push(b'&');
        }
        percent::encode_onto(&mut self.out, name.as_bytes());
        self.out.push(b'=');
        percent::encode_onto(&mut self.out, value.as_bytes());
    }

    fn value(&mut self, value: &str) {
        let path = std::mem::take(&mut self.path);
        self.pair(&path, value);
        self.path = path;
    }

    fn open(&mut self, map: Option<&'static MapSchema>) {
        self.frames.push(Frame { base: self.path.len(), index: 0, map });
    }

    /// Cuts the path back to the open composite and tells the number of its next element.
    fn next(&mut self) -> usize {
        let Some(frame) = self.frames.last_mut() else { return 0 };
        frame.index += 1;
        self.path.truncate(frame.base);
        frame.index
    }
}

impl ShapeWriter for Form {
    fn member(&mut self, member: &'static Member) {
        let base = self.frames.last().map_or(0, |frame| frame.base);
        self.path.truncate(base);
        if base > 0 {
            self.path.push('.');
        }
        self.path.push_str(member.wire);
    }

    fn element(&mut self) {
        let index = self.next();
        let _ = write!(self.path, ".{index}");
    }

    fn key(&mut self, key: &str) {
        let index = self.next();
        let Some(map) = self.frames.last().and_then(|frame| frame.map) else { return };
        let length = self.path.len();
        let _ = write!(self.path, ".{index}.{}", map.key_name);
        self.value(key);
        self.path.truncate(length);
        let _ = write!(self.path, ".{index}.{}", map.value_name);
    }

    fn string(&mut self, text: &str) {
        self.value(text);
    }

    fn integer(&mut self, number: i64) {
        self.value(&number.to_string());
    }

    fn float(&mut self, number: f64) {
        self.value(&float_text(number));
    }

    fn boolean(&mut self, truth: bool) {
        self.value(if truth { "true" } else { "false" });
    }

    fn blob(&mut self, bytes: &[u8]) {
        self.value(&base64::encode(bytes));
    }

    fn timestamp(&mut self, instant: Timestamp, format: TimestampFormat) {
        self.value(&time::write(instant, format));
    }

    fn begin_structure(&mut self, _: &'static StructSchema) {
        self.open(None);
    }

    fn end_structure(&mut self) {
        self.frames.pop();
    }

    fn begin_list(&mut self, schema: &'static ListSchema, length: usize) {
        if length == 0 {
            self.value("");
        } else if !schema.flattened {
            self.path.push('.');
            self.path.push_str(schema.element);
        }
        self.open(None);
    }

    fn end_list(&mut self) {
        self.frames.pop();
    }

    fn begin_map(&mut self, schema: &'static MapSchema, _: usize) {
        if !schema.flattened {
            self.path.push_str(".entry");
        }
        self.open(Some(schema));
    }

    fn end_map(&mut self) {
        self.frames.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{CreateUserRequest, SERVICE, Tag};

    #[test]
    fn members_have_dotted_names() {
        let input = CreateUserRequest {
            user_name: "Bob".into(),
            path: Some("/a b/".into()),
            tags: Some(vec![
                Tag { key: "k".into(), value: "v&".into() },
                Tag { key: "l".into(), value: String::new() },
            ]),
            ..Default::default()
        };
        assert_eq!(
            encode(&SERVICE, SERVICE.operation("CreateUser").unwrap(), &input),
            "Action=CreateUser&Version=2010-05-08&Path=%2Fa%20b%2F&UserName=Bob&Tags.member.1.Key=k\
             &Tags.member.1.Value=v%26&Tags.member.2.Key=l&Tags.member.2.Value="
        );
        let input = CreateUserRequest { tags: Some(Vec::new()), ..input };
        assert!(
            encode(&SERVICE, SERVICE.operation("CreateUser").unwrap(), &input)
                .ends_with("UserName=Bob&Tags=")
        );
    }
}
