/**
 * The primitives of AMQP 0-9-1 on a {@link io.netty.buffer.ByteBuf}: integers, strings, bits, time stamps and field
 * tables. Nothing here knows a frame or a method. What a peer claims is checked against what it really sent before any
 * memory is taken for it; {@link dev.holdfast.internal.wire.MalformedException} is the one way to say that it lied.
 *
 * <p>Starting points: {@link dev.holdfast.internal.wire.WireReader}, {@link dev.holdfast.internal.wire.WireWriter},
 * {@link dev.holdfast.internal.wire.FieldTable}.
 */
@NullMarked
package dev.holdfast.internal.wire;

import org.jspecify.annotations.NullMarked;
