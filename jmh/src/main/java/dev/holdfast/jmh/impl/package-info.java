/**
 * The clients that are measured, behind one interface, so that all are driven by the same code and do the same work.
 *
 * <p>Starting points: {@link dev.holdfast.jmh.impl.ClientType} opens them,
 * {@link dev.holdfast.jmh.impl.ConfirmedPublisher} is what they have in common.
 */
@NullMarked
package dev.holdfast.jmh.impl;

import org.jspecify.annotations.NullMarked;
