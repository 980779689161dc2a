/**
 * Adapters of the measured clients to one interface, so that the same code drives all of them.
 *
 * <p>Starting points: {@link dev.holdfast.jmh.adapter.ClientType} lists the clients,
 * {@link dev.holdfast.jmh.adapter.ConfirmedPublisher} is their common interface.
 */
@NullMarked
package dev.holdfast.jmh.adapter;

import org.jspecify.annotations.NullMarked;
