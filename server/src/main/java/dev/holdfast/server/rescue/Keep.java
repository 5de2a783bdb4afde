package dev.holdfast.server.rescue;

import dev.holdfast.node.KeptHolds;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Which holds to keep, as people write it. */
final class Keep implements ITypeConverter<KeptHolds> {
    @Override
    public KeptHolds convert(String text) {
        return switch (text) {
            case "until-released" -> KeptHolds.UNTIL_RELEASED;
            case "none" -> KeptHolds.NONE;
            default -> throw new TypeConversionException("'" + text + "' is neither 'until-released' nor 'none'");
        };
    }
}
