/**
 * Pools that lend connections, channels and producers to many callers, as Kombu's pools do.
 *
 * <p>Starting points: {@link dev.holdfast.pool.Pools} has the pools of a program by connection options;
 * {@link dev.holdfast.pool.Lease} is what {@link dev.holdfast.pool.Pool#acquire()} returns.
 */
@NullMarked
package dev.holdfast.pool;

import org.jspecify.annotations.NullMarked;
