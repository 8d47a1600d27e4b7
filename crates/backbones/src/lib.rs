//! Image classification networks with intermediate feature maps, and strict loading of their published weights.
