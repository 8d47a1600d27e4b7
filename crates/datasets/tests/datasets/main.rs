//! Every data set on a miniature tree with its published layout.

mod common;

mod any_text;
mod celeb_df;
mod copies;
mod dfdc;
mod faceforensics;
mod others;
mod since_2021;
