//! Paths as pictures: DOT for Graphviz, and a page to explore that needs nothing else.

use super::{Graph, Path};
use analysis::who_can::{Kind, Verdict};
use base::ArnRef;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The page; the graph is put in where it says so.
const PAGE: &str = include_str!("page.html");
const PLACE: &str = "/*GRAPH*/";

/// Who is on the paths, and the steps between them, each once.
#[derive(Debug, Default)]
struct Picture {
    /// By ARN: its name, its kind, whether it is an administrator.
    nodes: BTreeMap<String, (String, &'static str, bool)>,
    /// From, to and id, with what is done, and whether conditions must hold.
    edges: BTreeMap<(String, String, String), (String, bool)>,
}

impl Graph {
    /// The paths in the language of Graphviz: <https://graphviz.org/doc/info/lang.html>.
    pub fn dot(&self, paths: &[Path]) -> String {
        let picture = self.picture(paths);
        let mut text = String::from(
            "digraph paths {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n",
        );
        for (arn, (name, kind, admin)) in &picture.nodes {
            let look = if *admin { ", color=red, penwidth=2" } else { "" };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {} [label={}{look}];", quoted(arn), quoted(&format!("{kind}\n{name}")));
        }
        for ((from, to, id), (_, conditional)) in &picture.edges {
            let look = if *conditional { ", style=dashed" } else { "" };
            let _ = writeln!(text, "  {} -> {} [label={}{look}];", quoted(from), quoted(to), quoted(id));
        }
        text.push_str("}\n");
        text
    }

    /// The paths as a page in one file: the graph can be searched, moved and zoomed, and tells each step.
    pub fn page(&self, paths: &[Path]) -> String {
        let picture = self.picture(paths);
        let nodes: Vec<Value> = picture
            .nodes
            .iter()
            .map(|(arn, (name, kind, admin))| json!({"arn": arn, "name": name, "kind": kind, "admin": admin}))
            .collect();
        let edges: Vec<Value> = picture
            .edges
            .iter()
            .map(|((from, to, id), (how, conditional))| {
                json!({"from": from, "to": to, "id": id, "how": how, "conditional": conditional})
            })
            .collect();
        // Nothing in the data may end the script that it stands in.
        let data = json!({"nodes": nodes, "edges": edges}).to_string().replace('<', "\\u003c");
        PAGE.replacen(PLACE, &data, 1)
    }

    fn picture(&self, paths: &[Path]) -> Picture {
        let mut picture = Picture::default();
        for path in paths {
            for step in &path.steps {
                self.put(&mut picture, &step.from);
                let more = step.from == step.to;
                let to = if more { format!("{} with more", step.to) } else { step.to.clone() };
                match more {
                    true => {
                        let name = ArnRef::parse(&step.to).map_or(step.to.as_str(), |arn| arn.name());
                        let node = (format!("{name}, with more"), "", path.admin);
                        picture.nodes.insert(to.clone(), node);
                    }
                    false => self.put(&mut picture, &step.to),
                }
                let edge = (step.from.clone(), to, step.id.clone());
                picture.edges.insert(edge, (step.how.clone(), !step.conditions.is_empty()));
            }
        }
        picture
    }

    fn put(&self, picture: &mut Picture, arn: &str) {
        let Some(who) = self.by_arn(arn) else { return };
        let kind = match self.kind(who) {
            Kind::User => "user",
            Kind::Role | Kind::LinkedRole => "role",
            Kind::Root => "root user",
        };
        let name = ArnRef::parse(arn).map_or(arn, |arn| arn.name()).to_owned();
        picture.nodes.insert(arn.to_owned(), (name, kind, self.admin(who) != Verdict::Never));
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
