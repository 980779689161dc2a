/**
 * Serialization and compression of message bodies: no AMQP.
 *
 * <p>Starting points:
 *
 * <ul>
 *   <li>{@link dev.holdfast.serialization.Serializer} is the interface to implement for another format; {@link
 *       dev.holdfast.serialization.SerializerRegistry} contains serializers by name and content type.
 *   <li>{@link dev.holdfast.serialization.Compressor} and {@link dev.holdfast.serialization.CompressorRegistry} are the
 *       same for compression.
 *   <li>{@link dev.holdfast.serialization.Json} lets a class of your own be written in Kombu's envelopes.
 *   <li>{@link dev.holdfast.serialization.Accept} lists the content types that a consumer accepts.
 *   <li>{@link dev.holdfast.serialization.BodyEncoder} and {@link dev.holdfast.serialization.BodyDecoder} pick the
 *       serializer and the compressor of a body.
 * </ul>
 */
@NullMarked
package dev.holdfast.serialization;

import org.jspecify.annotations.NullMarked;
