/**
 * What the benchmarks need of this package and what is not public.
 *
 * <p>Starting point: {@link dev.holdfast.internal.session.AckFeed}.
 */
@NullMarked
package dev.holdfast.internal.session;

import org.jspecify.annotations.NullMarked;
