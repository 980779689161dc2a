package dev.holdfast.codegen.model;

import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.TypeName;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The elementary types, each with its Java type, its read and write methods, and the value of a reserved field. */
// JavaPoet's types are immutable, but not annotated for Error Prone.
@SuppressWarnings("ImmutableEnumChecker")
public enum WireType {
    OCTET(TypeName.INT, "readOctet", "writeOctet", CodeBlock.of("0")),
    SHORT(TypeName.INT, "readShort", "writeShort", CodeBlock.of("0")),
    LONG(TypeName.LONG, "readLong", "writeLong", CodeBlock.of("0")),
    LONGLONG(TypeName.LONG, "readLongLong", "writeLongLong", CodeBlock.of("0")),
    SHORTSTR(Library.STRING, "readShortString", "writeShortString", CodeBlock.of("\"\"")),
    LONGSTR(Library.LONG_STRING, "readLongString", "writeLongString", CodeBlock.of("$T.of(\"\")", Library.LONG_STRING)),
    TIMESTAMP(Library.INSTANT, "readTimestamp", "writeTimestamp", CodeBlock.of("$T.EPOCH", Library.INSTANT)),
    TABLE(Library.TABLE, "readTable", "writeTable", CodeBlock.of("$T.of()", Map.class)),
    /** Read and written as an octet of up to eight bits. */
    BIT(TypeName.BOOLEAN, "readBits", "writeBits", CodeBlock.of("false"));

    private final TypeName javaType;
    private final String read;
    private final String write;
    private final CodeBlock reserved;

    WireType(TypeName javaType, String read, String write, CodeBlock reserved) {
        this.javaType = javaType;
        this.read = read;
        this.write = write;
        this.reserved = reserved;
    }

    /** Returns the type with this name in the protocol file. */
    public static Optional<WireType> of(String specName) {
        return Arrays.stream(values())
                .filter(type -> type.specName().equals(specName))
                .findFirst();
    }

    /** Returns all names, separated by commas, for error messages. */
    public static String specNames() {
        return Arrays.stream(values()).map(WireType::specName).collect(Collectors.joining(", "));
    }

    private String specName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public TypeName javaType() {
        return javaType;
    }

    /** Returns the name of the WireReader method that reads this type. */
    public String read() {
        return read;
    }

    /** Returns the name of the WireWriter method that writes this type. */
    public String write() {
        return write;
    }

    /** Returns the value that is written for a reserved field. */
    public CodeBlock reserved() {
        return reserved;
    }
}
