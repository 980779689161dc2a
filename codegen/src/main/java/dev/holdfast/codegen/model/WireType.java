package dev.holdfast.codegen.model;

import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.TypeName;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The elementary types: what each is in Java, how it is read and written, and what stands in a reserved field. */
// JavaPoet's types are immutable but do not say so to Error Prone.
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
    /** Read and written by the octet, up to eight at a time. */
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

    /** The type that the protocol file calls so, if there is one. */
    public static Optional<WireType> of(String specName) {
        return Arrays.stream(values())
                .filter(type -> type.specName().equals(specName))
                .findFirst();
    }

    /** All names, for messages. */
    public static String specNames() {
        return Arrays.stream(values()).map(WireType::specName).collect(Collectors.joining(", "));
    }

    private String specName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public TypeName javaType() {
        return javaType;
    }

    /** Name of the method of WireReader. */
    public String read() {
        return read;
    }

    /** Name of the method of WireWriter. */
    public String write() {
        return write;
    }

    /** What is written for a reserved field. */
    public CodeBlock reserved() {
        return reserved;
    }
}
