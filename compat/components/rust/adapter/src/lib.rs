//! Nothing to compile: the build reads the adapter out of the dependency's folder.
