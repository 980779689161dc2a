/**
 * Turns bodies into bytes and back: values in, bytes out, no AMQP.
 *
 * <p>Starting points: {@link dev.holdfast.serialization.Serializer} is what to implement for a format of your own,
 * {@link dev.holdfast.serialization.SerializerRegistry} holds them by name, {@link
 * dev.holdfast.serialization.BodyEncoder} picks the one for a body and {@link dev.holdfast.serialization.BodyDecoder} the
 * one for a message. {@link dev.holdfast.serialization.CompressorRegistry} is the same for compression.
 */
@NullMarked
package dev.holdfast.serialization;

import org.jspecify.annotations.NullMarked;
