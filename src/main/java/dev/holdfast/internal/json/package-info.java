/**
 * JSON by Jackson 2 or Jackson 3, whichever is there. Classes whose names begin with {@code Jackson2} or {@code
 * Jackson3} use that library; no other class loads either.
 */
@NullMarked
package dev.holdfast.internal.json;

import org.jspecify.annotations.NullMarked;
