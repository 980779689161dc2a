/**
 * What the benchmarks need of this package and what is not public.
 *
 * <p>Starting points: {@link dev.holdfast.internal.session.AckFeed}, {@link dev.holdfast.internal.session.DeliveryFeed}.
 */
@NullMarked
package dev.holdfast.internal.session;

import org.jspecify.annotations.NullMarked;
