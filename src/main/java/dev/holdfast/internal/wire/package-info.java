/**
 * The primitives of AMQP 0-9-1 on a {@link io.netty.buffer.ByteBuf}: integers, strings, bits, time stamps and field
 * tables. Frames and methods are in other packages. A length that the peer claims is checked against the received bytes
 * before memory is allocated for it; a violation is a {@link dev.holdfast.internal.wire.MalformedException}.
 *
 * <p>Starting points: {@link dev.holdfast.internal.wire.WireReader}, {@link dev.holdfast.internal.wire.WireWriter},
 * {@link dev.holdfast.internal.wire.FieldTable}.
 */
@NullMarked
package dev.holdfast.internal.wire;

import org.jspecify.annotations.NullMarked;
