package dev.holdfast.server.shell;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.errors.LockRequestRejectedException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Owners as {@code type:id}. */
public final class Owners implements ITypeConverter<LockOwner> {
    @Override
    public LockOwner convert(String text) {
        int colon = text.indexOf(':');
        if (colon < 1 || colon == text.length() - 1) {
            throw new TypeConversionException("'" + text + "' is not an owner like job:nightly");
        }
        try {
            return new LockOwner(text.substring(0, colon), text.substring(colon + 1), null);
        } catch (LockRequestRejectedException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
