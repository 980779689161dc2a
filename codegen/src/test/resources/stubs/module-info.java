/** Module that generated code is compiled in, without the library. */
module dev.holdfast {
    requires static transitive org.jspecify;

    exports dev.holdfast;
}
