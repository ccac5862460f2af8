# Run by the kernels of `crm-eval train open`, among the learner's variables: it leaves none there.
__import__("crm_eval_lib.training.unopened").training.unopened.watch()
