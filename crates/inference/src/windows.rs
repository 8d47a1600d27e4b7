//! Where a face is cut out of the frames of a snippet.

use std::collections::BTreeMap;

use face_preproc::geometry::Landmarks68;

/// Of networks that look at motion the windows of snippets: each stays where the snippet's first frame
/// has it, so that nothing moves in the crops but the face.
pub(crate) struct Windows {
    /// Frames of a snippet; 1 for single faces.
    length: usize,
    by_track: BTreeMap<usize, Snippet>,
}

/// A snippet that a track is in.
struct Snippet {
    around: Landmarks68,
    last: usize,
    frames: usize,
}

impl Windows {
    pub(crate) fn new(length: usize) -> Self {
        Self {
            length,
            by_track: BTreeMap::new(),
        }
    }

    /// The landmarks by which a face is cut out of a frame: its own where it begins a snippet.
    pub(crate) fn around(
        &mut self,
        track: usize,
        frame: usize,
        landmarks: Landmarks68,
    ) -> Landmarks68 {
        if self.length < 2 {
            return landmarks;
        }
        if let Some(snippet) = self.by_track.get_mut(&track)
            && snippet.last + 1 == frame
            && snippet.frames < self.length
        {
            snippet.last = frame;
            snippet.frames += 1;
            return snippet.around;
        }
        let snippet = Snippet {
            around: landmarks,
            last: frame,
            frames: 1,
        };
        self.by_track.insert(track, snippet);
        landmarks
    }
}
