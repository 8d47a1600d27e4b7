//! Every data set on a miniature tree with its published layout.

mod common;

mod annotations;
mod any_text;
mod by_their_lists;
mod celeb_df;
mod copies;
mod dfdc;
mod faceforensics;
mod npy;
mod order;
mod others;
mod since_2021;
