/**
 * Generates Java with JavaPoet: one emitter for each kind of file. Emitters refer to the library only by the names in
 * {@link dev.holdfast.codegen.model.Library}.
 *
 * <p>Starting points: {@link dev.holdfast.codegen.emit.Emitter}, {@link dev.holdfast.codegen.emit.OutputFolder}.
 */
@NullMarked
package dev.holdfast.codegen.emit;

import org.jspecify.annotations.NullMarked;
