/**
 * Exchanges, queues and bindings: declares them, records what was declared, and declares it again after a reconnect.
 *
 * <p>Starting point: {@link dev.holdfast.internal.topology.Topology}.
 */
@NullMarked
package dev.holdfast.internal.topology;

import org.jspecify.annotations.NullMarked;
