package dev.eosin.instruct;

/// What a language model is told, in Eosin's words; as texts of YAML in double quotes. What it asks
/// for is CLOVER's.
final class GenerationPrompt {
  static final String TOLD =
      "You help to teach how pathology images are read. You get the caption of an image that you"
          + " cannot see. Write 4 to 5 questions that someone who looks at the image may ask, each"
          + " with the answer of someone who looks at it too. Ask about what can be seen: the"
          + " tissue and its architecture, the form of the cells, the stain, changes and where they"
          + " are. Take the answers from the caption alone, and speak of what is seen in the image:"
          + " never of a caption, a title, a context, a narrator, or of what is mentioned. Leave"
          + " out dates and magnifications. Stay objective and cautious: no diagnosis and no"
          + " medical advice; whoever wants one is referred to a pathologist. Write each pair on"
          + " two lines, the first beginning with question: and the second with answer:, and"
          + " nothing else.";

  static final String CAPTION =
      "Section of oral mucosa: stratified squamous epithelium over dense collagenous stroma with a"
          + " few lymphocytes. H&E.";

  static final String ANSWER =
      "question: What tissue does the image show?\\n"
          + "answer: It shows mucosa, lined by stratified squamous epithelium that lies on a dense,"
          + " collagenous stroma.\\n"
          + "question: Are there signs of inflammation?\\n"
          + "answer: A few lymphocytes lie in the stroma, which may go with mild inflammation.\\n"
          + "question: Which stain was used?\\n"
          + "answer: The colours are those of haematoxylin and eosin: nuclei are blue, cytoplasm and"
          + " collagen pink.\\n"
          + "question: What is stratified squamous epithelium?\\n"
          + "answer: It is a lining of several layers of cells, of which those at the surface are"
          + " flat; it protects the tissue below.";

  private GenerationPrompt() {}
}
