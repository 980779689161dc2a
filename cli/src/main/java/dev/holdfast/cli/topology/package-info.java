/**
 * The commands {@code declare}, {@code inspect}, {@code purge} and {@code delete}: queues, exchanges and bindings.
 *
 * <p>Starting point: {@link dev.holdfast.cli.topology.DeclareCommand}.
 */
@NullMarked
package dev.holdfast.cli.topology;

import org.jspecify.annotations.NullMarked;
