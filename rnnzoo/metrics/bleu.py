"""BLEU of texts, counted by sacreBLEU."""

import keras


@keras.saving.register_keras_serializable("rnnzoo")
class Bleu(keras.metrics.Metric):
    """BLEU of all texts seen, from 0 to 100, as sacreBLEU computes it.

        BLEU = 100 exp(min(0, 1 - r / c) + mean_n log(matches_n / totals_n))

    with r and c the tokens of references and hypotheses, and n from 1 to 4:
    Papineni et al. 2002, https://aclanthology.org/P02-1040. All counts are
    those of the whole corpus, whatever batches it comes in. Tokens and
    smoothing are sacreBLEU's, Post 2018, https://aclanthology.org/W18-6319.

    It compares texts, so it stands beside `fit`, not in `compile`.

    Args:
        lowercase: bool. Whether case is disregarded.
        tokenize: str. One of sacreBLEU's tokenisers.

    Raises:
        ValueError: not one reference, or list of references, for each
            hypothesis; something that is no text.
        ModuleNotFoundError: sacreBLEU is not installed.

    Example:

    ```python
    metric = rnnzoo.metrics.Bleu()
    metric.update_state(["the cat sat on the mat"], ["the cat sat on a mat"])
    metric.update_state(["a dog barks"], ["a dog barks"])
    assert round(float(metric.result()), 2) == 59.69
    ```
    """

    def __init__(self, lowercase=False, tokenize="13a", name="bleu", **kwargs):
        super().__init__(name=name, **kwargs)
        self.lowercase = bool(lowercase)
        self.tokenize = tokenize
        # `force` only silences the advice about texts that look tokenised.
        try:
            self.bleu = sacrebleu_metrics().BLEU(
                lowercase=self.lowercase, tokenize=tokenize, force=True
            )
        except KeyError as error:
            raise ValueError(
                f"sacreBLEU has no tokeniser {tokenize!r}. Choose '13a', "
                "'intl', 'char', 'none', or another of its list."
            ) from error
        order = self.bleu.max_ngram_order
        self.matches = self.counter("matches", (order,))
        self.totals = self.counter("totals", (order,))
        # Tokens of hypotheses and of references.
        self.lengths = self.counter("lengths", (2,))

    def counter(self, name, shape):
        return self.add_weight(
            shape=shape, initializer="zeros", dtype="int32", name=name
        )

    def update_state(self, references, hypotheses):
        """Counts some texts.

        Args:
            references: list of str, or of lists of str where a text has
                several references.
            hypotheses: list of str. What was written.
        """
        references = [as_list(texts) for texts in check_list(references)]
        check_texts(references, check_list(hypotheses))
        # sacreBLEU takes the first references of all texts, then the second
        # ones; None where a text has no more.
        most = max(len(texts) for texts in references)
        streams = [
            [texts[n] if n < len(texts) else None for texts in references]
            for n in range(most)
        ]
        score = self.bleu.corpus_score(list(hypotheses), streams)
        self.matches.assign_add(score.counts)
        self.totals.assign_add(score.totals)
        self.lengths.assign_add([score.sys_len, score.ref_len])

    def result(self):
        length, reference_length = self.lengths.numpy().tolist()
        return self.bleu.compute_bleu(
            self.matches.numpy().tolist(),
            self.totals.numpy().tolist(),
            length,
            reference_length,
            smooth_method=self.bleu.smooth_method,
            smooth_value=self.bleu.smooth_value,
            effective_order=self.bleu.effective_order,
            max_ngram_order=self.bleu.max_ngram_order,
        ).score

    def signature(self):
        """sacreBLEU's settings and version, which belong to the number."""
        return str(self.bleu.get_signature())

    def get_config(self):
        return {
            **super().get_config(),
            "lowercase": self.lowercase,
            "tokenize": self.tokenize,
        }


def as_list(texts):
    return [texts] if isinstance(texts, str) else texts


def check_list(texts):
    """`texts`; raises `ValueError` unless there are some, in a list."""
    if not isinstance(texts, list | tuple) or not texts:
        raise ValueError(
            "Bleu compares lists of texts, of at least one. Received: "
            f"{texts!r:.60}. Decode ids with the model's vocabulary "
            "first, outside of `fit`."
        )
    return texts


def check_texts(references, hypotheses):
    """Raises `ValueError` unless there are references for each hypothesis."""
    if len(references) != len(hypotheses):
        raise ValueError(
            "Bleu needs a reference, or a list of them, for each hypothesis. "
            f"Received: {len(references)} for {len(hypotheses)}."
        )
    for texts in (hypotheses, *references):
        for text in check_list(texts):
            if not isinstance(text, str):
                raise ValueError(
                    f"Bleu compares texts. Received: {text!r}. Decode ids "
                    "with the model's vocabulary first."
                )


def sacrebleu_metrics():
    try:
        from sacrebleu import metrics
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"Bleu needs the module {error.name!r}, which is not installed: "
            "run `pip install 'rnnzoo[recipes]'`.",
            name=error.name,
        ) from error
    return metrics
