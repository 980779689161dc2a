package dev.holdfast.codegen.model;

import com.palantir.javapoet.AnnotationSpec;
import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import java.time.Instant;
import java.util.Map;

/** Names of the library types that generated code uses, and of the types that it defines. */
public final class Library {
    public static final String API = "dev.holdfast";
    public static final String PROTOCOL = API + ".internal.protocol";
    private static final String WIRE = API + ".internal.wire";

    public static final ClassName WIRE_READER = ClassName.get(WIRE, "WireReader");
    public static final ClassName WIRE_WRITER = ClassName.get(WIRE, "WireWriter");
    public static final ClassName LONG_STRING = ClassName.get(WIRE, "LongString");
    public static final ClassName MALFORMED = ClassName.get(WIRE, "MalformedException");

    public static final ClassName METHOD = ClassName.get(PROTOCOL, "Method");
    public static final ClassName METHOD_DECODER = ClassName.get(PROTOCOL, "MethodDecoder");
    public static final ClassName UNKNOWN_METHOD = ClassName.get(PROTOCOL, "UnknownMethodException");
    public static final ClassName PROPERTIES_CODEC = ClassName.get(PROTOCOL, "PropertiesCodec");
    public static final ClassName CONSTANTS = ClassName.get(PROTOCOL, "ProtocolConstants");
    public static final ClassName PROPERTIES = ClassName.get(API, "MessageProperties");
    public static final ClassName TABLE_EQUALITY = ClassName.get(API, "TableEquality");
    public static final ClassName REPLY_CODE = ClassName.get(API, "ReplyCode");

    public static final ClassName STRING = ClassName.get(String.class);
    public static final ClassName INSTANT = ClassName.get(Instant.class);
    public static final TypeName TABLE = ParameterizedTypeName.get(Map.class, String.class, Object.class);

    private static final AnnotationSpec NULLABLE = AnnotationSpec.builder(
                    ClassName.get("org.jspecify.annotations", "Nullable"))
            .build();

    private Library() {}

    /** Returns the type, boxed if primitive, with {@code @Nullable}. */
    public static TypeName nullable(TypeName type) {
        return type.box().annotated(NULLABLE);
    }
}
