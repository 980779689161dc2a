package dev.holdfast;

/**
 * An entity that a channel can declare on the broker, and a publish before its message by {@link
 * PublishOptions#declare}. Immutable and independent of a connection: any number of connections can share one.
 */
public sealed interface Declarable permits Exchange, Queue, Binding {}
