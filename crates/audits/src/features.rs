//! The features that a network and its untrained twin see in some faces.

use core_tensor_ops::Detector;
use evaluation::{Item, Run, ScoringSet};
use explain::{Features, pooled_maps};
use face_data::Faces;
use rayon::prelude::*;
use runtime::{Event, Observer};
use video::sample_uniform;

use crate::Error;

/// A face whose features are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeenFace {
    /// Its row, and whether it is a forgery made from it.
    pub item: Item,
    /// Number of its identity.
    pub identity: u32,
    /// Whether it is forged.
    pub forged: bool,
}

/// What the classifier reads, as a layer's name.
const CLASSIFIER: &str = "the classifier's input";

/// Faces and their features, a matrix a layer, a row a face.
pub(crate) struct Seen {
    /// The faces.
    pub faces: Vec<SeenFace>,
    /// What the rows of the features are of: the network's layers, then what the classifier reads.
    pub layers: Vec<String>,
    /// As the run's network sees them.
    pub trained: Vec<Features>,
    /// As the untrained one does.
    pub untrained: Vec<Features>,
}

/// Up to `most` real faces and as many forged ones, each spread evenly over the set.
pub(crate) fn spread(set: &ScoringSet<'_>, most: usize) -> Vec<Item> {
    let of_class = |forged: bool| {
        let items: Vec<Item> = set
            .items
            .iter()
            .copied()
            .filter(|item| set.forged(*item) == forged)
            .collect();
        let places = sample_uniform(items.len(), most);
        places.into_iter().map(move |place| items[place])
    };
    of_class(false).chain(of_class(true)).collect()
}

/// The mean of every map of every layer, and what the classifier reads ("the input feature to the last
/// linear layer", CADDM 3.1), of both networks. Faces whose picture cannot be read any
/// more are named and left out.
pub(crate) fn extract(
    set: &ScoringSet<'_>,
    faces: &Faces,
    items: &[Item],
    networks: [&dyn Detector; 2],
    run: &Run,
    observer: &mut dyn Observer,
) -> Result<Seen, Error> {
    observer.event(Event::Began {
        what: "features",
        total: items.len(),
        done: 0,
    });
    let names = networks[0].layers().into_iter().map(|map| map.name);
    let layers: Vec<String> = names.chain([CLASSIFIER]).map(String::from).collect();
    let mut values = [(); 2].map(|()| vec![Vec::<f64>::new(); layers.len()]);
    let mut seen = Vec::new();
    for (chunk, items) in items.chunks(run.recipe.evaluation.batch_size).enumerate() {
        let subjects: Vec<_> = items.par_iter().map(|item| set.subject(*item)).collect();
        let mut images = Vec::new();
        for (item, subject) in items.iter().zip(&subjects) {
            match subject {
                Ok(subject) => {
                    images.push(subject.image.as_raw().as_slice());
                    seen.push(SeenFace {
                        item: *item,
                        identity: faces.identities[item.row],
                        forged: set.forged(*item),
                    });
                }
                Err(error) => observer.event(Event::Skipped {
                    what: &faces.manifest.rows[item.row].file,
                    why: &error.to_string(),
                }),
            }
        }
        if images.is_empty() {
            continue;
        }
        let images = networks[0].input_spec().to_tensor(&images, &run.device);
        for (network, values) in networks.iter().zip(&mut values) {
            let (pooled, _) = pooled_maps(|tap| network.class_logits(images.clone(), tap));
            let read = network.features(images.clone());
            for (layer, values) in pooled.into_iter().chain([read]).zip(values) {
                values.extend(layer.into_data().iter::<f64>());
            }
        }
        observer.event(Event::Advanced {
            done: (chunk * run.recipe.evaluation.batch_size + items.len()),
            note: "",
        });
    }
    observer.event(Event::Ended);
    let [trained, untrained] = values.map(|layers| {
        let of_layer = |values: Vec<f64>| {
            let width = values.len() / seen.len().max(1);
            Features::from_row_iterator(seen.len(), width, values)
        };
        layers.into_iter().map(of_layer).collect()
    });
    Ok(Seen {
        faces: seen,
        layers,
        trained,
        untrained,
    })
}
