package dev.holdfast;

/**
 * Something that a channel declares on the broker and that a publish can ask for by {@link PublishOptions#declare}.
 * Immutable, and without a connection: the same value serves any number of them.
 */
public sealed interface Declarable permits Exchange, Queue, Binding {}
