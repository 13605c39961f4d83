package dev.eosin.serve;

import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.revise.CaptionReviser;
import java.util.Optional;

/// A model that answers, as the server uses it: by one thread.
///
/// @param name that clients know it by
/// @param model with its weights
/// @param seesImages whether it looks at pictures
/// @param mostTokens of an answer
/// @param reviser how it revises captions, where it was trained to
public record ServedAnswers(
    String name,
    StoredAnswerer.Loaded model,
    boolean seesImages,
    int mostTokens,
    Optional<CaptionReviser> reviser) {}
