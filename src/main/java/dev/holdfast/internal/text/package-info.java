/** UTF-8 without replacement characters, for the wire, for names and for bodies. Depends on no other package. */
@NullMarked
package dev.holdfast.internal.text;

import org.jspecify.annotations.NullMarked;
