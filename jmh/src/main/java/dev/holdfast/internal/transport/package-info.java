/**
 * What the benchmarks need of this package and what is not public.
 *
 * <p>Starting point: {@link dev.holdfast.internal.transport.FrameFeed}.
 */
@NullMarked
package dev.holdfast.internal.transport;

import org.jspecify.annotations.NullMarked;
