/**
 * The event loops of connections: which Netty transport they use, who closes them, and the threads of deliveries beside
 * them. One {@link dev.holdfast.internal.eventloop.IoThreads} serves one connection or many.
 */
@NullMarked
package dev.holdfast.internal.eventloop;

import org.jspecify.annotations.NullMarked;
