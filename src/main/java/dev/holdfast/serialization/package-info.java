/**
 * Turns bodies into bytes and back: values in, bytes out, no AMQP.
 *
 * <p>Starting points: {@link dev.holdfast.serialization.Serializer} is what to implement for a format of your own,
 * {@link dev.holdfast.serialization.SerializerRegistry} holds them by name, {@link
 * dev.holdfast.serialization.BodyEncoder} picks the one for a body and {@link dev.holdfast.serialization.BodyDecoder} the
 * one for a message. {@link dev.holdfast.serialization.Compressor} and {@link
 * dev.holdfast.serialization.CompressorRegistry} are the same for compression, {@link dev.holdfast.serialization.Json} is
 * where types of your own join Kombu's envelopes, and {@link dev.holdfast.serialization.Accept} says what a reader takes.
 */
@NullMarked
package dev.holdfast.serialization;

import org.jspecify.annotations.NullMarked;
