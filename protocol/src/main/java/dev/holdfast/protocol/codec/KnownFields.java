package dev.holdfast.protocol.codec;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Tells a message that this release knows in full from one of a newer release. Generated code reads either, and leaves out what
 * it does not know. That is well for what people look at, but not for what is replicated: peers that leave out different
 * things are no longer copies of one another. Nothing is built of the message; it is only walked through.
 */
public final class KnownFields {
    private final String message;
    private final @Nullable Field[] byNumber;

    /**
     * One field.
     *
     * @param isPackable whether several values may share one tag
     * @param nested the fields of its own, if it is a message
     */
    private record Field(
            int wireType, boolean isPackable, @Nullable KnownFields nested) {}

    private KnownFields(Descriptor type) {
        message = type.getName();
        int last = 0;
        for (FieldDescriptor field : type.getFields()) {
            last = Math.max(last, field.getNumber());
        }
        byNumber = new Field[last + 1];
        for (FieldDescriptor field : type.getFields()) {
            boolean nests = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
            byNumber[field.getNumber()] = new Field(
                    field.getLiteType().getWireType(),
                    field.isPackable(),
                    nests ? new KnownFields(field.getMessageType()) : null);
        }
    }

    /** Those of a message, and of all that may be in it. It must not contain its own kind. */
    public static KnownFields of(Descriptor type) {
        return new KnownFields(type);
    }

    /**
     * Checks a message.
     *
     * @throws MalformedMessageException if it has another field, at whatever depth, or is no message
     */
    public void check(byte[] bytes) throws MalformedMessageException {
        try {
            check(CodedInputStream.newInstance(bytes));
        } catch (IOException e) {
            throw new MalformedMessageException("not a message: " + e.getMessage(), e);
        }
    }

    private void check(CodedInputStream in) throws IOException, MalformedMessageException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            KnownFields nested = find(tag).nested;
            if (nested == null) {
                in.skipField(tag);
            } else {
                int outer = in.pushLimit(in.readRawVarint32());
                nested.check(in);
                in.popLimit(outer);
            }
        }
    }

    private Field find(int tag) throws MalformedMessageException {
        int number = WireFormat.getTagFieldNumber(tag);
        Field field = number < byNumber.length ? byNumber[number] : null;
        if (field == null) {
            throw unknown(message, tag);
        }
        int wireType = WireFormat.getTagWireType(tag);
        if (wireType != field.wireType && !(field.isPackable && wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
            throw unknown(message, tag);
        }
        return field;
    }

    /** That the message has a field that is not known, at that tag. */
    static MalformedMessageException unknown(String message, int tag) {
        return new MalformedMessageException("field " + WireFormat.getTagFieldNumber(tag) + " of " + message
                + " is not known to this release: it was written by a newer one");
    }
}
