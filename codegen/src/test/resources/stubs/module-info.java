/** What generated code needs around it to be compiled by itself. */
module dev.holdfast {
    requires static transitive org.jspecify;

    exports dev.holdfast;
}
