//! One file for each network: its layers in the order in which its crate runs them, by the names of its
//! weights. What is configured is read from the configuration; what can be seen in the weights, from them.

pub(crate) mod adm;
pub(crate) mod backbone;
mod efficientnet;
pub(crate) mod lisiam;
pub(crate) mod pcl;
mod resnet;
pub(crate) mod snippet;
mod xception;
