//! Exclusive canonical XML: one spelling for all documents that say the same.
//!
//! See <https://www.w3.org/TR/xml-exc-c14n/>. Inclusive canonical XML takes in what stands around an element and is not
//! offered; SAML asks for the exclusive one.

use super::xml::{Attribute, Binding, Element, Node};
use std::collections::BTreeMap;

/// The algorithm without comments.
pub const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// The algorithm that keeps comments.
pub const WITH_COMMENTS: &str = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";

/// How an element is made canonical.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Canonical {
    /// Whether comments are kept.
    pub comments: bool,
    /// Prefixes that are written wherever they are in scope, as inclusive canonical XML does; the default namespace is
    /// the empty one.
    pub inclusive: Vec<String>,
}

impl Canonical {
    /// The canonical form of `element`, which stands in `ancestors`, the outermost first. The child at the place
    /// `without` is left out: the enveloped signature.
    pub fn bytes(&self, ancestors: &[&Element], element: &Element, without: Option<usize>) -> String {
        let mut scope = BTreeMap::new();
        ancestors.iter().for_each(|ancestor| bind(&mut scope, &ancestor.declared));
        let mut out = String::new();
        self.element(element, without, scope, BTreeMap::new(), &mut out);
        out
    }

    fn element(
        &self,
        element: &Element,
        without: Option<usize>,
        mut scope: Scope,
        mut written: Scope,
        out: &mut String,
    ) {
        bind(&mut scope, &element.declared);
        let new = self.declarations(element, &scope, &written);
        out.push('<');
        push_name(&element.prefix, &element.local, out);
        for (prefix, namespace) in new {
            out.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
            out.push_str(&prefix);
            push_value(&namespace, out);
            written.insert(prefix, namespace);
        }
        let mut attributes: Vec<&Attribute> = element.attributes.iter().collect();
        attributes.sort_by(|a, b| (&a.namespace, &a.local).cmp(&(&b.namespace, &b.local)));
        for attribute in attributes {
            out.push(' ');
            push_name(&attribute.prefix, &attribute.local, out);
            push_value(&attribute.value, out);
        }
        out.push('>');
        for (place, node) in element.nodes.iter().enumerate() {
            match node {
                _ if without == Some(place) => {}
                Node::Element(child) => self.element(child, None, scope.clone(), written.clone(), out),
                Node::Text(text) => push_text(text, out),
                Node::Comment(text) if self.comments => {
                    out.push_str("<!--");
                    out.push_str(text);
                    out.push_str("-->");
                }
                Node::Comment(_) => {}
            }
        }
        out.push_str("</");
        push_name(&element.prefix, &element.local, out);
        out.push('>');
    }

    /// The declarations that an element needs and that nothing around it has written, in order of the prefix: of the
    /// prefixes that its name and its attributes use, and of those that are to be written in any case.
    fn declarations(&self, element: &Element, scope: &Scope, written: &Scope) -> Scope {
        let mut needed = Scope::new();
        needed.insert(element.prefix.clone(), element.namespace.clone());
        for attribute in element.attributes.iter().filter(|attribute| !attribute.prefix.is_empty()) {
            needed.insert(attribute.prefix.clone(), attribute.namespace.clone());
        }
        for prefix in &self.inclusive {
            if let Some(namespace) = scope.get(prefix) {
                needed.insert(prefix.clone(), namespace.clone());
            }
        }
        needed.remove("xml");
        needed.retain(|prefix, namespace| match written.get(prefix) {
            Some(known) => known != namespace,
            // An empty default namespace needs no words where none was written.
            None => !namespace.is_empty(),
        });
        needed
    }
}

type Scope = BTreeMap<String, String>;

fn bind(scope: &mut Scope, declared: &[Binding]) {
    for Binding { prefix, namespace } in declared {
        scope.insert(prefix.clone(), namespace.clone());
    }
}

fn push_name(prefix: &str, local: &str, out: &mut String) {
    if !prefix.is_empty() {
        out.push_str(prefix);
        out.push(':');
    }
    out.push_str(local);
}

fn push_value(value: &str, out: &mut String) {
    out.push_str("=\"");
    for letter in value.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
    out.push('"');
}

fn push_text(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::xml::{Bounds, parse};
    use super::*;

    fn canonical(text: &str, inclusive: &[&str], comments: bool) -> String {
        let root = parse(text, Bounds::RESPONSE).unwrap();
        let how = Canonical { comments, inclusive: inclusive.iter().map(|it| (*it).to_owned()).collect() };
        how.bytes(&[], &root, None)
    }

    #[test]
    fn one_spelling_for_all() {
        let text = "<?xml version='1.0'?>\n<!-- out --><a  z='1' b:y='&#13;\"' a='&lt;>'\n xmlns='u:1' xmlns:b='u:2' xmlns:c='u:3'><b:d xmlns:b='u:2'/>x &gt; &#xD;<e xmlns=''/><f/></a>";
        assert_eq!(
            canonical(text, &[], false),
            "<a xmlns=\"u:1\" xmlns:b=\"u:2\" a=\"&lt;>\" z=\"1\" b:y=\"&#xD;&quot;\"><b:d></b:d>x &gt; &#xD;<e xmlns=\"\"></e><f></f></a>"
        );
        assert!(canonical(text, &["c"], false).contains("xmlns:c=\"u:3\""));
    }

    /// The example of <https://www.w3.org/TR/xml-exc-c14n/#sec-Enveloping>.
    #[test]
    fn an_element_takes_only_what_it_uses_with_it() {
        let text = "<n0:local xmlns:n0=\"foo:bar\" xmlns:n3=\"ftp://example.org\"><n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff xmlns:n3=\"ftp://example.org\"/></n1:elem2></n0:local>";
        let root = parse(text, Bounds::RESPONSE).unwrap();
        let inner = root.children().next().unwrap();
        assert_eq!(
            Canonical::default().bytes(&[&root], inner, None),
            "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>"
        );
        let with = Canonical { comments: false, inclusive: vec!["n0".into()] };
        assert!(with.bytes(&[&root], inner, None).starts_with("<n1:elem2 xmlns:n0=\"foo:bar\" xmlns:n1="));
    }

    #[test]
    fn comments_go_or_stay_and_the_signature_goes() {
        let text = "<a><b/><!-- c --></a>";
        assert_eq!(canonical(text, &[], false), "<a><b></b></a>");
        assert_eq!(canonical(text, &[], true), "<a><b></b><!-- c --></a>");
        let root = parse(text, Bounds::RESPONSE).unwrap();
        assert_eq!(Canonical::default().bytes(&[], &root, Some(0)), "<a></a>");
    }

    #[test]
    fn canonical_twice_is_canonical_once() {
        let text = "<p:a xmlns:p='u:1' xmlns:q='u:2' q:x=' &#9;1' y='&amp;'>\r\n<q:b>&#13;&lt;</q:b> </p:a>";
        let once = canonical(text, &[], false);
        assert_eq!(canonical(&once, &[], false), once);
    }
}
