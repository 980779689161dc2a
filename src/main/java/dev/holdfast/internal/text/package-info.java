/**
 * Text of names and bodies without replacement characters, numbers within limits, times in ISO 8601. Depends on no
 * other package.
 */
@NullMarked
package dev.holdfast.internal.text;

import org.jspecify.annotations.NullMarked;
