//! What policies allow together: layers each of which must allow, and none of which may deny.

use policy::elements::says;
use policy::{
    CompiledPolicy, Document, DocumentKind, Layer, Outcome, PolicyKind, PolicyLabel, PolicySet, Request,
};
use std::sync::Arc;

/// The policies of one layer, or of one level of it: one of them must allow, and none may deny.
#[derive(Debug, Clone)]
pub struct AccessLayer {
    layer: Layer,
    documents: Vec<Arc<Document>>,
    compiled: Arc<PolicySet>,
}

/// What some policies allow.
#[derive(Debug, Clone, Default)]
pub struct Access {
    layers: Vec<AccessLayer>,
    /// Places of layers that must all allow; one of these lists is enough.
    ways: Vec<Vec<usize>>,
}

impl AccessLayer {
    /// The policies of a layer.
    pub fn new(layer: Layer, documents: Vec<Arc<Document>>) -> Self {
        let kind = match layer {
            Layer::Rcp => PolicyKind::Rcp,
            Layer::Scp => PolicyKind::Scp,
            Layer::Endpoint => PolicyKind::Endpoint,
            Layer::Resource => PolicyKind::Resource,
            Layer::Identity => PolicyKind::Inline,
            Layer::Boundary => PolicyKind::Boundary,
            Layer::Session => PolicyKind::Session,
        };
        let compile = |document: &Arc<Document>| {
            Arc::new(CompiledPolicy::compile(Arc::clone(document), PolicyLabel::new(kind, "", "")))
        };
        let compiled = Arc::new(documents.iter().map(compile).collect());
        Self { layer, documents, compiled }
    }

    /// The layer.
    pub fn layer(&self) -> Layer {
        self.layer
    }

    /// Its policies.
    pub fn documents(&self) -> &[Arc<Document>] {
        &self.documents
    }

    /// Whether it must allow: RCPs only ever deny.
    fn is_gate(&self) -> bool {
        self.layer != Layer::Rcp
    }
}

impl Access {
    /// What one document allows by itself.
    pub fn of(document: Arc<Document>, kind: DocumentKind) -> Access {
        Self::layered(vec![AccessLayer::new(layer_of(kind), vec![document])])
    }

    /// What all these layers allow together.
    pub fn layered(layers: Vec<AccessLayer>) -> Access {
        let way = (0..).zip(&layers).filter(|(_, layer)| layer.is_gate()).map(|(place, _)| place).collect();
        Self { layers, ways: vec![way] }
    }

    /// What these layers allow in one of several ways, each of which is a list of layers (by their places) that must all
    /// allow. Denies of every layer count in every way.
    pub fn in_ways(layers: Vec<AccessLayer>, ways: Vec<Vec<usize>>) -> Access {
        Self { layers, ways }
    }

    /// What no policy at all allows: nothing.
    pub fn nothing() -> Access {
        Self::default()
    }

    /// The layers.
    pub fn layers(&self) -> &[AccessLayer] {
        &self.layers
    }

    /// The ways in which the layers allow.
    pub(crate) fn ways(&self) -> &[Vec<usize>] {
        &self.ways
    }

    /// Whether any layer's policies name principals.
    pub(crate) fn names_principals(&self) -> bool {
        self.layers.iter().any(|layer| matches!(layer.layer, Layer::Resource | Layer::Rcp | Layer::Endpoint))
    }

    /// Asks the engine.
    pub(crate) fn allows(&self, request: &Request<'_>) -> bool {
        let said: Vec<Outcome> =
            self.layers.iter().map(|layer| says(&layer.compiled, layer.layer, request)).collect();
        let allows = |place: &usize| said.get(*place) == Some(&Outcome::Allowed);
        !said.contains(&Outcome::ExplicitlyDenied) && self.ways.iter().any(|way| way.iter().all(allows))
    }
}

/// The layer that a document of a kind belongs to.
pub fn layer_of(kind: DocumentKind) -> Layer {
    match kind {
        DocumentKind::Identity => Layer::Identity,
        DocumentKind::Resource | DocumentKind::Trust => Layer::Resource,
        DocumentKind::Scp => Layer::Scp,
        DocumentKind::Rcp => Layer::Rcp,
        DocumentKind::Endpoint => Layer::Endpoint,
        DocumentKind::Session => Layer::Session,
        DocumentKind::Boundary => Layer::Boundary,
    }
}
